#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <cstdint>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/process_id.hpp>
#else
#    include <multiprocessing/platform/posix/process_id.hpp>
#endif

/// \file
/// Which process: its number, and when it started, because numbers are given again.

namespace multiprocessing::platform {

/// Equal only for one and the same process. `number` is what the system calls it (pid); `start_time` is in units of the
/// system's own (Linux: clock ticks since boot; Windows: 100 ns since 1601), of use only for comparison. Zero: no process.
struct process_id {
    std::int64_t number = 0; ///< The pid.
    std::uint64_t start_time = 0; ///< In units of the system's own.

    friend bool operator==(const process_id&, const process_id&) = default;
};

#if MULTIPROCESSING_WINDOWS
using windows::current_process_age;
using windows::current_process_number;
using windows::current_thread_number;
using windows::process_start_time;
#else
using posix::current_process_age;
using posix::current_process_number;
using posix::current_thread_number;
using posix::process_start_time;
#endif

static_assert(requires {
    { current_process_age() } -> std::same_as<std::chrono::milliseconds>; // since the system started it; zero when it does not say
});

/// The process called `number` now; a start time of 0 when there is none.
[[nodiscard]] inline process_id identify_process(std::int64_t number) {
    return {number, process_start_time(number)};
}

} // namespace multiprocessing::platform
