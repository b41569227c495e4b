#pragma once

#include <multiprocessing/platform/random_number.hpp>

#include <cstdint>
#include <string>

/// \file
/// Names for shared memory that nobody named.

namespace multiprocessing::detail {

/// `psm_` and eight hexadecimal digits, as CPython makes them. Most likely not taken; whoever uses it finds out.
[[nodiscard]] inline std::string random_name() {
    std::string name = "psm_";
    std::uint64_t bits = platform::random_number();
    for (int i = 0; i < 8; ++i) {
        name += "0123456789abcdef"[bits & 0xf];
        bits >>= 4;
    }
    return name;
}

} // namespace multiprocessing::detail
