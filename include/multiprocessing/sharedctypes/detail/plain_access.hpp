#pragma once

#include <multiprocessing/base/form.hpp>

#include <cstddef>

/// \file
/// Accesses of plain memory: looked at where the standard library looks at those of std::span and std::unique_ptr, and otherwise not.

#if defined(_GLIBCXX_ASSERTIONS) || defined(_GLIBCXX_DEBUG)
#    define MULTIPROCESSING_CHECKS_ACCESS 1
#elif defined(_LIBCPP_HARDENING_MODE) && defined(_LIBCPP_HARDENING_MODE_NONE)
#    define MULTIPROCESSING_CHECKS_ACCESS (_LIBCPP_HARDENING_MODE != _LIBCPP_HARDENING_MODE_NONE)
#elif defined(_LIBCPP_ENABLE_ASSERTIONS)
#    define MULTIPROCESSING_CHECKS_ACCESS _LIBCPP_ENABLE_ASSERTIONS
#elif defined(_MSVC_STL_HARDENING)
#    define MULTIPROCESSING_CHECKS_ACCESS _MSVC_STL_HARDENING
#elif defined(_CONTAINER_DEBUG_LEVEL)
#    define MULTIPROCESSING_CHECKS_ACCESS (_CONTAINER_DEBUG_LEVEL > 0)
#else
#    define MULTIPROCESSING_CHECKS_ACCESS 0
#endif

namespace multiprocessing::detail {

/// Says on standard error what was asked of which array, and ends the process by `std::abort`.
[[noreturn]] void abort_out_of_range(const char* array, std::size_t index, std::size_t size) noexcept;

/// The same of a handle that has no object, for it was moved from.
[[noreturn]] void abort_moved_from(const char* handle) noexcept;

/// That there is an object, in a program that is compiled with such checks.
constexpr void expect_object([[maybe_unused]] const char* handle, [[maybe_unused]] const void* object) noexcept {
#if MULTIPROCESSING_CHECKS_ACCESS
    if (object == nullptr) [[unlikely]] {
        abort_moved_from(handle);
    }
#endif
}

/// That the index is one of `size`, in such a program.
constexpr void expect_index([[maybe_unused]] const char* array, [[maybe_unused]] std::size_t index, [[maybe_unused]] std::size_t size) noexcept {
#if MULTIPROCESSING_CHECKS_ACCESS
    if (index >= size) [[unlikely]] {
        abort_out_of_range(array, index, size);
    }
#endif
}

} // namespace multiprocessing::detail

#undef MULTIPROCESSING_CHECKS_ACCESS

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/sharedctypes/detail/plain_access.ipp>
#endif
