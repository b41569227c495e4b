#pragma once

#include <multiprocessing/base/any_integer.hpp>
#include <multiprocessing/base/form.hpp>

#include <concepts>
#include <cstdint>
#include <utility>

/// \file
/// Numbers that a user gives.

namespace multiprocessing::detail {

/// What `checked_count` throws.
[[noreturn]] void throw_bad_count(const char* what, any_integer count, std::uint32_t least, std::uint32_t most);

/// `count`, if it is from `least` to `most`; otherwise throws `std::invalid_argument` that says what was asked of whom and what may be.
template <std::integral Count>
[[nodiscard]] std::uint32_t checked_count(const char* what, Count count, std::uint32_t least, std::uint32_t most) {
    if (std::cmp_less(count, least) || std::cmp_greater(count, most)) {
        throw_bad_count(what, count, least, most);
    }
    return static_cast<std::uint32_t>(count);
}

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/detail/checked_count.ipp>
#endif
