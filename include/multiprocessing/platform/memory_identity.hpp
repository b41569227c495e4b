#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/memory_identity.hpp>
#else
#    include <multiprocessing/platform/posix/memory_identity.hpp>
#endif

/// \file
/// Which memory a native handle refers to, whoever opened it: what tells two handles of the same memory from those of two.
///
/// What both backends give:
/// * `memory_identity::of(handle)`: of memory that has, or had, a name. Empty for memory that never had one. Throws `std::system_error` when
///   the handle is of no memory.
/// * Two are equal exactly when they are of the same memory, *as long as this process keeps it open*: what the system tells by is given again
///   when the memory is gone. POSIX: the device and the inode, which unlink() does not change, and another memory of the same name does not
///   have. Windows: the name, with the namespace it is in; it stays with the memory as long as anybody has that.
/// * `hash()`: for tables. `text()`: the same for those that are equal, to tell another process.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::memory_identity;
#else
using posix::memory_identity;
#endif

template <class T>
concept is_memory_identity = std::copyable<T> && std::equality_comparable<T> && requires(const T one, native_handle handle) {
    { T::of(handle) } -> std::same_as<std::optional<T>>;
    { one.hash() } noexcept -> std::same_as<std::size_t>;
    { one.text() } -> std::same_as<std::string>;
};
static_assert(is_memory_identity<memory_identity>);

} // namespace multiprocessing::platform
