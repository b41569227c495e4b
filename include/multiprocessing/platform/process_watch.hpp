#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <cstdint>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/process_watch.hpp>
#else
#    include <multiprocessing/platform/posix/process_watch.hpp>
#endif

/// \file
/// Whether a process that is no child of this one still lives: its parent, above all.
///
/// What both backends give:
/// * `watchable_self()`: a handle of the calling process, by which one that is handed it, or inherits it, watches this one and no later process of its
///   number. Empty where the system has none. Throws `std::system_error` when there can be no further handle.
/// * `process_watch(number)`: watches the process that has the number now. If there is none, it counts as ended.
/// * `process_watch(number, handle)`: watches the process that made the handle by `watchable_self()`, and had the number; an empty one: by its number.
/// * `wait_until(until)`: sleeps in the kernel until it has ended or the deadline has passed; whether it has ended. POSIX: it looks every 10 ms once the
///   program has closed the watch's descriptor, and throws `std::system_error` where then nothing tells any more (see posix/process_watch.hpp).
/// * `keep_to_oneself()`: in a thread that only waits: what the program does to its descriptors does not reach the watch any more, in this thread.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::process_watch;
using windows::watchable_self;
#else
using posix::process_watch;
using posix::watchable_self;
#endif

template <class T>
concept is_process_watch =
    std::constructible_from<T, std::int64_t> && std::constructible_from<T, std::int64_t, owned_handle> && requires(T watch, deadline until) {
        { watch.wait_until(until) } -> std::same_as<bool>;
        { watch.keep_to_oneself() } noexcept -> std::same_as<void>;
        { watchable_self() } -> std::same_as<owned_handle>;
    };
static_assert(is_process_watch<process_watch>);

} // namespace multiprocessing::platform
