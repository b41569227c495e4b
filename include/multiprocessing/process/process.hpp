#pragma once

#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/exit_status.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/process_id.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
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

/// A child process: Python's `Process`, which here is running from the moment there is one. Made by `fork`.
///
/// It belongs to the process that made it: in a child that inherited it, everything but `name()` and `pid()` throws
/// `std::logic_error`, and its destructor does nothing. Its functions may be called from several threads at once, but for `close`, moves and
/// the destructor. It is moved, not copied; a moved-from one is closed.
///
/// The destructor joins: it waits, without limit, for a child that nobody has joined. So does assigning another process to it.
class Process {
public:
    Process(Process&&) noexcept = default;
    Process& operator=(Process&& other) {
        if (this != &other) {
            finish();
            child_ = std::move(other.child_);
            name_ = std::move(other.name_);
            parent_ = other.parent_;
        }
        return *this;
    }
    ~Process() { finish(); }

    /// Waits, as long as it takes, until the process has ended. Sleeps in the kernel.
    void join() { static_cast<void>(mine("join").wait_until(platform::no_deadline)); }

    /// Waits for at most `wait`, by the monotonic clock; zero and less only look. Whether the process has ended, itself: children of its own
    /// that live on do not count.
    template <class Rep, class Period>
    bool join_for(const std::chrono::duration<Rep, Period>& wait) {
        return mine("join_for").wait_until(platform::deadline_after(wait));
    }

    /// Whether the process has not ended yet. Never blocks.
    [[nodiscard]] bool is_alive() { return !mine("is_alive").exit_status(); }

    /// Empty while the process runs; then what it returned or passed to `std::exit` (0 to 255 on POSIX), 1 after an escaped
    /// exception, minus the signal that ended it (-9 after SIGKILL), or `unknown_exitcode`. Never blocks.
    [[nodiscard]] std::optional<int> exitcode() { return mine("exitcode").exit_status(); }

    /// Asks the process to end: SIGTERM on POSIX. Nothing happens when it has ended already.
    void terminate() { mine("terminate").terminate(); }

    /// Ends the process, whatever it does: SIGKILL on POSIX. Nothing happens when it has ended already.
    void kill() { mine("kill").kill(); }

    /// Lets go of a process that has ended, with its descriptor. Afterwards everything but `name()` and a second `close()` throws
    /// `std::logic_error`, as this does while the process still runs.
    void close() {
        if (!child_) {
            return;
        }
        if (is_alive()) {
            throw std::logic_error("multiprocessing: close of process " + name_ + ", which is still running: join it first");
        }
        child_.reset();
    }

    /// What the system calls the process.
    [[nodiscard]] std::int64_t pid() const { return opened("pid").number(); }

    /// What it was named, or its place among its kin: `Process-1`.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// A native handle that becomes ready when the process has ended, for the caller's own waits (POSIX: a descriptor to poll for
    /// input). It belongs to the Process.
    [[nodiscard]] platform::native_handle sentinel() const { return mine("sentinel").sentinel(); }

private:
    friend detail::process_access;

    Process(std::unique_ptr<platform::child> child, std::string name)
        : child_(std::move(child)), name_(std::move(name)), parent_(platform::current_process_number()) {}

    [[nodiscard]] bool is_mine() const noexcept { return parent_ == platform::current_process_number(); }

    [[nodiscard]] platform::child& opened(const char* what) const {
        if (!child_) {
            throw std::logic_error("multiprocessing: " + std::string(what) + " of process " + name_ + ", which is closed");
        }
        return *child_;
    }

    [[nodiscard]] platform::child& mine(const char* what) const {
        platform::child& child = opened(what);
        if (!is_mine()) {
            throw std::logic_error("multiprocessing: " + std::string(what) + " of process " + name_ +
                                   ", which is a child of another process: only the process that made it can do that");
        }
        return child;
    }

    void finish() {
        if (child_ && is_mine()) {
            join();
        }
        child_.reset();
    }

    std::unique_ptr<platform::child> child_;
    std::string name_;
    std::int64_t parent_;
};

namespace detail {

/// How `fork` makes a Process.
struct process_access {
    [[nodiscard]] static Process make(std::unique_ptr<platform::child> child, std::string name) {
        return Process(std::move(child), std::move(name));
    }
};

} // namespace detail

} // namespace multiprocessing
