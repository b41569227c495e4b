#pragma once

#include "support/end_when_overdue.hpp"

#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/fork.hpp>
#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/process/process.hpp>
#include <multiprocessing/process/process_options.hpp>
#include <multiprocessing/process/spawn.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

/// \file
/// The other process of a test, started by either method: what holds for one start method is to hold for all of them, so the test is
/// written once, in terms of `start<f>(method, args...)`, and asks Catch for the method:
///
///     const auto method = GENERATE(from_range(support::start_methods));
///
/// Free of any system's own calls. What the processes are to know of each other is in the library's shared memory.

namespace support {

enum class start_method { fork, spawn };

inline std::ostream& operator<<(std::ostream& out, start_method method) {
    return out << (method == start_method::fork ? "fork" : "spawn");
}

/// Those that the system has.
inline constexpr auto start_methods = [] {
    if constexpr (multiprocessing::platform::can_fork) {
        return std::array{start_method::fork, start_method::spawn};
    } else {
        return std::array{start_method::spawn};
    }
}();

/// So many processes change the same object so many times.
inline constexpr int processes_at_once = 8;
inline constexpr int changes_by_each = 50'000;

/// So long may anything take that should take no time at all.
inline constexpr std::chrono::seconds start_patience{40};

/// What a child ends with whose time was up.
inline constexpr int start_overdue = 103;

/// Runs `f(args...)`, a function or a lambda without captures, in a new process.
template <auto f, class... Args>
[[nodiscard]] multiprocessing::Process start(start_method method, multiprocessing::process_options options, const Args&... args) {
    if constexpr (multiprocessing::platform::can_fork) {
        if (method == start_method::fork) {
            return multiprocessing::fork(std::move(options), f, args...);
        }
    }
    return multiprocessing::spawn<f>(std::move(options), args...);
}

template <auto f, class... Args>
[[nodiscard]] multiprocessing::Process start(start_method method, const Args&... args) {
    return start<f>(method, multiprocessing::process_options{}, args...);
}

/// In a process that was spawned: it ends when it is overdue, whatever it does. (A forked one inherits its alarm; see run.hpp.)
inline void limit_lifetime() { end_when_overdue(start_patience, "a spawned child's time was up", start_overdue); }

/// How a process ended: its exit code. One that does not end is killed, which shows as -9.
inline int exit_code(const multiprocessing::Process& process) {
    if (!process.join_for(start_patience)) {
        process.kill();
        process.join();
    }
    return process.exitcode().value();
}

/// In children, where the test framework's macros must not be used: what is not so ends the child with 1.
inline void must(bool holds, const char* what = "", const char* file = __builtin_FILE(),
                 int line = __builtin_LINE()) {
    if (!holds) {
        throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": not so: " + what);
    }
}

/// Looks again and again until it is so; false when patience ran out.
template <class Condition>
[[nodiscard]] bool soon(Condition holds) {
    const auto until = multiprocessing::platform::deadline_after(start_patience);
    while (!holds()) {
        if (multiprocessing::platform::clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return true;
}

/// A signal between processes, in shared memory that all of them were passed: raised once, awaited by any number.
using signal_flag = multiprocessing::RawValue<std::atomic<int>>;

inline void raise(const signal_flag& flag) { *flag = 1; }
[[nodiscard]] inline bool is_raised(const signal_flag& flag) { return *flag != 0; }
inline void await(const signal_flag& flag) {
    must(soon([&] { return is_raised(flag); }), "nobody raised the flag that a process waits for");
}

/// Lives until it is killed, or its time is up.
inline void stay_alive() {
    for (;;) {
        std::this_thread::sleep_for(std::chrono::seconds(1));
    }
}

} // namespace support
