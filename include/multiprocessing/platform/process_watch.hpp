#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/clock.hpp>
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
/// * `process_watch(number)`: watches the process that has the number now. If there is none, it counts as ended.
/// * `wait_until(until)`: sleeps in the kernel until it has ended or the deadline has passed; whether it has ended.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::process_watch;
#else
using posix::process_watch;
#endif

template <class T>
concept is_process_watch = std::constructible_from<T, std::int64_t> && requires(T watch, deadline until) {
    { watch.wait_until(until) } -> std::same_as<bool>;
};
static_assert(is_process_watch<process_watch>);

} // namespace multiprocessing::platform
