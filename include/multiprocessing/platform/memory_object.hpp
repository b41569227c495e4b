#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <cstddef>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/memory_object.hpp>
#else
#    include <multiprocessing/platform/posix/memory_object.hpp>
#endif

/// \file
/// Memory that processes share and that has no name: nothing to clash with, nothing to leak. The kernel counts who
/// refers to it, so it is gone when the last of them is, however that one ended.
///
/// What both backends give:
/// * `memory_object::create(bytes)`: zero-filled memory of exactly that size, taken from the system when touched.
///   Throws `std::system_error` naming call and size when it cannot be had.
/// * `memory_object(handle, bytes)`, `memory_object::adopt(handle)`: one that another process made and handed over; its size is given, or asked
///   of the system, which may round it up to pages (Windows).
/// * `handle()`, `size()`; movable, not copyable. `whole_handle()`, to be handed to another process: throws `std::system_error`, bad_file_descriptor, when
///   the program has closed it (handle_mark), and the number may be that of another file. `is_reserved()`: all of its pages were taken when this process made it, and must stay, as the system
///   might have none to give later.
/// * Linux: a memfd, not bound by the size of /dev/shm, sealed against shrinking, so that no process can turn another's
///   access into a SIGBUS. Windows: an unnamed file mapping.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::memory_object;
#else
using posix::memory_object;
#endif

template <class T>
concept is_memory_object = std::movable<T> && requires(const T object, std::size_t bytes) {
    { T::create(bytes) } -> std::same_as<T>;
    { T::adopt(owned_handle()) } -> std::same_as<T>;
    T(owned_handle(), bytes);
    { object.size() } -> std::same_as<std::size_t>;
    { object.is_reserved() } -> std::same_as<bool>;
    object.handle();
    object.whole_handle();
    object.get_mapping_handle(); // what Boost.Interprocess maps by
};
static_assert(is_memory_object<memory_object>);

} // namespace multiprocessing::platform
