#pragma once

// Catch2, whichever of its two generations is installed: tests include this header and never Catch2's own.
#if __has_include(<catch2/catch_all.hpp>)
#    include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#    include <catch2/catch.hpp>
#endif
