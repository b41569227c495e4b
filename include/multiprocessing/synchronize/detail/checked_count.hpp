#pragma once

#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

/// \file
/// Numbers that a user gives.

namespace multiprocessing::detail {

/// `count`, if it is from `least` to `most`; otherwise throws `std::invalid_argument` that says what was asked of whom and what may be.
template <std::integral Count>
[[nodiscard]] std::uint32_t checked_count(const char* what, Count count, std::uint32_t least, std::uint32_t most) {
    if (std::cmp_less(count, least) || std::cmp_greater(count, most)) {
        throw std::invalid_argument("multiprocessing: " + std::string(what) + " of " + std::to_string(count) + ": it is from " +
                                    std::to_string(least) + " to " + std::to_string(most));
    }
    return static_cast<std::uint32_t>(count);
}

} // namespace multiprocessing::detail
