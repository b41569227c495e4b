#pragma once
#include <multiprocessing/base/language.hpp>

#include <ratio> // says which standard library it is

/// \file
/// Durations, clocks and time points, without calendars.
///
/// `<chrono>` of C++20 brings calendars, and with them streams and strings: a third of what it costs to include a lock. libstdc++ 12 and later
/// keep what its own `<mutex>` needs of it in a header of its own.

#if defined(__GLIBCXX__) && __has_include(<bits/chrono.h>)
#    include <bits/chrono.h>
#else
#    include <chrono>
#endif
