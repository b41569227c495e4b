#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/base/form.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/exit_status.hpp>
#include <multiprocessing/platform/forward.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/process/detail/process_record_ptr.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

/// \file
/// A process that this one has started.

namespace multiprocessing {

namespace detail {
struct process_access;
}

/// What `exitcode()` gives when the process has ended but somebody else collected its exit code: a foreign `wait`, or SIGCHLD ignored.
inline constexpr int unknown_exitcode = platform::unknown_exit_status;

/// A child process, to ask about and to act on; several may refer to the same child. `active_children()` gives these; `Process` is the
/// one that also waits for its child.
///
/// It belongs to the process that made the child: in a child that inherited it, everything but `name()`, `daemon()` and `pid()` throws
/// `std::logic_error`. Its functions may be called from several threads at once, but for `close` and moves.
class ProcessRef {
public:
    /// Waits, as long as it takes, until the process has ended. Sleeps in the kernel.
    void join() const;

    /// Waits for at most `wait`, by the monotonic clock; zero and less only look. Whether the process has ended, itself: children of its own
    /// that live on do not count.
    template <class Rep, class Period>
    bool join_for(const std::chrono::duration<Rep, Period>& wait) const {
        return join_until(platform::deadline_after(wait));
    }

    /// Whether the process has not ended yet. Never blocks.
    [[nodiscard]] bool is_alive() const;

    /// Empty while the process runs; then what it returned or passed to `std::exit` (0 to 255 on POSIX), 1 after an escaped
    /// exception, minus the signal that ended it (-9 after SIGKILL), or `unknown_exitcode`. Never blocks.
    [[nodiscard]] std::optional<int> exitcode() const;

    /// Asks the process to end, as Ctrl-C does: SIGINT on POSIX. Like all of these three: nothing happens when it has ended
    /// already, and on Windows, which has no signals, it ends the process (exit code -2, -15 or -9).
    void interrupt() const;

    /// Asks the process to end: SIGTERM on POSIX.
    void terminate() const;

    /// Ends the process, whatever it does: SIGKILL on POSIX.
    void kill() const;

    /// Lets go of a process that has ended, with its descriptor. Afterwards everything but `name()`, `daemon()` and a second `close()` throws
    /// `std::logic_error`, as this does while the process still runs.
    void close();

    /// From now on nobody waits for the child: neither the Process's destructor, nor an assignment to it, nor the end of this process. Never blocks. A daemon
    /// is still ended with this process. All other functions go on as before, `join` too. When it has ended it is collected, and no zombie any more, as soon as
    /// this process makes its next child, or calls `active_children()`. Again: nothing.
    void detach() const;

    /// What the system calls the process.
    [[nodiscard]] std::int64_t pid() const;

    /// What it was named, or its place among its kin: `Process-1`. Empty when it was moved from.
    [[nodiscard]] std::string name() const;

    /// Whether it is ended when this process ends.
    [[nodiscard]] bool daemon() const noexcept;

    /// A native handle that becomes ready when the process has ended, for the caller's own waits (POSIX: a descriptor to poll for
    /// input; Windows: a process handle). It belongs to the process object. Never invalid: where the system refuses what it is (pidfd_open, before Linux 5.3 or in
    /// a sandbox) a thread of the library stands in; throws `std::system_error` when there can be no further descriptor or thread.
    [[nodiscard]] platform::native_handle sentinel() const;

    /// Whether both refer to the same child, also one that is closed; so a Process is found in `active_children()`. Those that were moved from are equal.
    friend bool operator==(const ProcessRef& one, const ProcessRef& other) noexcept { return one.record_ == other.record_; }

protected:
    friend detail::process_access;

    explicit ProcessRef(detail::process_record_ptr record) noexcept : record_(std::move(record)) {}

    void finish();

private:
    [[nodiscard]] detail::process_record& opened(const char* what) const;
    [[nodiscard]] detail::process_record& mine(const char* what) const;
    [[nodiscard]] bool join_until(platform::deadline until) const;

    detail::process_record_ptr record_;
};

/// A child process: Python's `Process`, which here is running from the moment there is one. Made by `fork` and `spawn`.
///
/// Moved, not copied; a moved-from one is closed. The destructor joins: it waits, without limit, for a child that nobody has joined, and
/// so does assigning another process to it; after five seconds it says once, on standard error, for whom. See `detach`. A daemon it first asks to end, and ends it if it has not a second later. In a child
/// that inherited it, the destructor does nothing.
///
/// \see docs/processes.md, examples/spawn_workers.cpp
class [[nodiscard]] Process : public ProcessRef {
public:
    Process(Process&&) noexcept = default;
    /// Joins its own child first, as the destructor does.
    Process& operator=(Process&& other); // NOLINT(performance-noexcept-move-constructor): it joins, which may fail
    ~Process();

private:
    friend detail::process_access;

    using ProcessRef::ProcessRef;
};

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/process/process.ipp>
#endif
