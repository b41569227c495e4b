#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/base/form.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/process/process.hpp>

#include <cstdint>
#include <optional>
#include <string>
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
    [[nodiscard]] const std::string& name() const noexcept;
    /// What the system calls it.
    [[nodiscard]] std::int64_t pid() const noexcept;
    /// Whether it ends with the process that made it.
    [[nodiscard]] bool daemon() const noexcept;
};

/// The process that made this one by `fork` or `spawn`.
class ParentProcess {
public:
    /// `MainProcess`, or what it was named.
    [[nodiscard]] const std::string& name() const noexcept;
    /// What the system calls it, or called it before it ended.
    [[nodiscard]] std::int64_t pid() const noexcept;

    /// Whether it has not ended yet, by whatever end. Never blocks. Throws `std::system_error`, bad_file_descriptor, where nobody can tell: it is in
    /// another PID namespace, and the program has closed the descriptor by which it was watched. So do the others.
    [[nodiscard]] bool is_alive() const;

    /// Waits, as long as it takes, until it has ended. Sleeps in the kernel.
    void join() const;

    /// Waits for at most `wait`, by the monotonic clock; whether it has ended.
    template <class Rep, class Period>
    bool join_for(const std::chrono::duration<Rep, Period>& wait) const {
        return join_until(platform::deadline_after(wait));
    }

private:
    [[nodiscard]] static bool join_until(platform::deadline until);
};

/// The calling process, to ask for its name.
[[nodiscard]] inline CurrentProcess current_process() noexcept { return {}; }

/// Empty in a process that the library did not make: the first, or a child of a raw `fork` in it.
[[nodiscard]] std::optional<ParentProcess> parent_process() noexcept;

/// The children of this process that have not ended. As in Python, to ask also collects those that have.
[[nodiscard]] std::vector<ProcessRef> active_children();

/// How many processors the system has, as Python's `os.cpu_count()`; 1 when it does not say. The process may be allowed fewer.
[[nodiscard]] unsigned cpu_count() noexcept;

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/process/current_process.ipp>
#endif
