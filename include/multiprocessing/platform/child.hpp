#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <cstdint>
#include <optional>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/child.hpp>
#else
#    include <multiprocessing/platform/posix/child.hpp>
#endif

/// \file
/// A process that this one started: its number, its end, and the means to bring that about.
///
/// What both backends give:
/// * `number()`: what the system calls it.
/// * `wait_until(until)`: sleeps in the kernel until it has ended or the deadline has passed; whether it has ended.
///   True as soon as the process itself is gone, whatever became of its own children.
/// * `exit_status()`: empty while it runs, then its exit code, minus the signal that killed it (POSIX), or
///   `unknown_exit_status` when somebody else collected it (a foreign `wait`, an ignored SIGCHLD). Never blocks.
/// * `interrupt()`, `terminate()`, `kill()`: ask it to end, as Ctrl-C does or without a person; end it (Windows: all three end it). Nothing
///   happens when it has ended already: the signal goes to the process itself, not to whoever was given its number.
/// * `waited_for_processor()`: how long, of its life until now, it was ready to run while others had the processors. Zero where the system does not say.
/// * `sentinel()`: a native handle that becomes ready when it ends, for the caller's own waits. Where the system has none, one is made, by a thread of the
///   library's; throws `std::system_error` where there can be no further descriptor or thread.
/// * `sentinel_if_any()`: one that the system has, or an invalid handle, for `wait_for_any`.
/// Every function may be called by several threads at once; all of them learn the same exit status.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::child;
#else
using posix::child;
#endif

template <class T>
concept is_child = requires(T one, deadline until) {
    { one.number() } -> std::same_as<std::int64_t>;
    { one.wait_until(until) } -> std::same_as<bool>;
    { one.exit_status() } -> std::same_as<std::optional<int>>;
    { one.waited_for_processor() } -> std::same_as<std::chrono::nanoseconds>;
    { one.interrupt() } -> std::same_as<void>;
    { one.terminate() } -> std::same_as<void>;
    { one.kill() } -> std::same_as<void>;
    { one.sentinel() } -> std::same_as<native_handle>;
    { one.sentinel_if_any() } -> std::same_as<native_handle>;
};
static_assert(is_child<child>);

} // namespace multiprocessing::platform
