#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/process_id.hpp>
#include <multiprocessing/process/detail/process_record.hpp>
#include <multiprocessing/process/detail/this_process.hpp>
#include <multiprocessing/process/process.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

/// \file
/// The process itself, the one that made it, and those that it has made.

namespace multiprocessing {

/// The calling process.
///
/// \see docs/processes.md, examples/inheritance_spawn.cpp
class CurrentProcess {
public:
    /// `MainProcess`, or what it was named by the process that made it.
    [[nodiscard]] const std::string& name() const noexcept { return detail::this_process::born_as().name; }
    /// What the system calls it.
    [[nodiscard]] std::int64_t pid() const noexcept { return platform::current_process_number(); }
    /// Whether it ends with the process that made it.
    [[nodiscard]] bool daemon() const noexcept { return detail::this_process::born_as().daemon; }
};

/// The process that made this one by `fork` or `spawn`.
class ParentProcess {
public:
    /// `MainProcess`, or what it was named.
    [[nodiscard]] const std::string& name() const noexcept { return detail::this_process::born_as().parent_name; }
    /// What the system calls it, or called it before it ended.
    [[nodiscard]] std::int64_t pid() const noexcept { return detail::this_process::born_as().parent_number; }

    /// Whether it has not ended yet, by whatever end. Never blocks.
    [[nodiscard]] bool is_alive() const { return !join_for(std::chrono::seconds(0)); }

    /// Waits, as long as it takes, until it has ended. Sleeps in the kernel.
    void join() const { static_cast<void>(detail::this_process::parent()->wait_until(platform::no_deadline)); }

    /// Waits for at most `wait`, by the monotonic clock; whether it has ended.
    template <class Rep, class Period>
    bool join_for(const std::chrono::duration<Rep, Period>& wait) const {
        return detail::this_process::parent()->wait_until(platform::deadline_after(wait));
    }
};

/// The calling process, to ask for its name.
[[nodiscard]] inline CurrentProcess current_process() noexcept { return {}; }

/// Empty in a process that the library did not make: the first, or a child of a raw `fork` in it.
[[nodiscard]] inline std::optional<ParentProcess> parent_process() noexcept {
    return detail::this_process::parent() != nullptr ? std::optional<ParentProcess>(ParentProcess()) : std::nullopt;
}

/// The children of this process that have not ended. As in Python, to ask also collects those that have.
[[nodiscard]] inline std::vector<ProcessRef> active_children() {
    std::vector<ProcessRef> found;
    for (auto& record : detail::children::active()) {
        found.push_back(detail::process_access::refer(std::move(record)));
    }
    return found;
}

/// How many processors the system has, as Python's `os.cpu_count()`; 1 when it does not say. The process may be allowed fewer.
[[nodiscard]] inline unsigned cpu_count() noexcept {
    const unsigned count = std::thread::hardware_concurrency();
    return count == 0 ? 1 : count;
}

} // namespace multiprocessing
