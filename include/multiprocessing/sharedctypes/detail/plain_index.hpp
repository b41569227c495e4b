#pragma once

#include <multiprocessing/base/form.hpp>

#include <cstddef>

/// \file
/// The index of an array of plain memory: looked at where the standard library looks at those of std::span, and otherwise not.

#if defined(_GLIBCXX_ASSERTIONS) || defined(_GLIBCXX_DEBUG)
#    define MULTIPROCESSING_CHECKS_INDICES 1
#elif defined(_LIBCPP_HARDENING_MODE) && defined(_LIBCPP_HARDENING_MODE_NONE)
#    define MULTIPROCESSING_CHECKS_INDICES (_LIBCPP_HARDENING_MODE != _LIBCPP_HARDENING_MODE_NONE)
#elif defined(_LIBCPP_ENABLE_ASSERTIONS)
#    define MULTIPROCESSING_CHECKS_INDICES _LIBCPP_ENABLE_ASSERTIONS
#elif defined(_MSVC_STL_HARDENING)
#    define MULTIPROCESSING_CHECKS_INDICES _MSVC_STL_HARDENING
#elif defined(_CONTAINER_DEBUG_LEVEL)
#    define MULTIPROCESSING_CHECKS_INDICES (_CONTAINER_DEBUG_LEVEL > 0)
#else
#    define MULTIPROCESSING_CHECKS_INDICES 0
#endif

namespace multiprocessing::detail {

/// Says on standard error what was asked of which array, and ends the process by `std::abort`.
[[noreturn]] void abort_out_of_range(const char* array, std::size_t index, std::size_t size) noexcept;

/// That is one of `size`, in a program that is compiled with such checks.
constexpr void expect_index([[maybe_unused]] const char* array, [[maybe_unused]] std::size_t index, [[maybe_unused]] std::size_t size) noexcept {
#if MULTIPROCESSING_CHECKS_INDICES
    if (index >= size) [[unlikely]] {
        abort_out_of_range(array, index, size);
    }
#endif
}

} // namespace multiprocessing::detail

#undef MULTIPROCESSING_CHECKS_INDICES

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/sharedctypes/detail/plain_index.ipp>
#endif
