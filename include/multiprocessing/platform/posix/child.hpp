#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/exit_status.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/posix/poll_for_input.hpp>
#include <multiprocessing/platform/posix/process_id.hpp>
#include <multiprocessing/platform/posix/stand_in_sentinel.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// A child by its pid and, from Linux 5.3 on, its pidfd: a descriptor of the process itself, which is readable once it has
/// ended and cannot be mistaken for a later process of the same number.
class child {
public:
    /// Before the fork: keeps a descriptor free for the pidfd, so that a process that has none left is told before it has a child it
    /// could not watch.
    child() : pidfd_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
        if (!pidfd_) {
            throw_os_error(last_os_error(), "open", "a descriptor for a child process");
        }
    }

    /// After the fork: takes charge of the child, which nobody has waited for.
    void adopt(::pid_t pid) noexcept {
        pid_ = pid;
        pidfd_.reset();
        pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    }

    [[nodiscard]] std::int64_t number() const noexcept { return pid_; }
    [[nodiscard]] std::chrono::nanoseconds waited_for_processor() const { return posix::waited_for_processor(pid_); }
    [[nodiscard]] native_handle sentinel_if_any() const noexcept { return pidfd_.is_whole() ? pidfd_.get() : invalid_native_handle; }

    [[nodiscard]] native_handle sentinel() {
        if (pidfd_.is_whole()) [[likely]] {
            return pidfd_.get();
        }
        const std::lock_guard guard(collecting_); // nor is it collected by this library before the thread knows it
        if (!stand_in_.is_whole()) {
            status_ = status_ ? status_ : collect();
            stand_in_ = status_ ? stand_in_sentinel::of_ended(pid_) : stand_in_sentinel::of_running(pid_);
        }
        return stand_in_.get();
    }

    [[nodiscard]] bool wait_until(deadline until) {
        while (!exit_status()) {
            const deadline now = clock::now();
            if (now >= until) {
                return false;
            }
            sleep_until_ended(now, until);
        }
        return true;
    }

    [[nodiscard]] std::optional<int> exit_status() {
        // One thread collects, under the mutex, and leaves the status for all: otherwise the second of two joining threads would
        // be told that there is no such child (CPython's gh-130895).
        const std::lock_guard guard(collecting_);
        if (!status_) {
            status_ = collect();
        }
        return status_;
    }

    void interrupt() { send(SIGINT); }
    void terminate() { send(SIGTERM); }
    void kill() { send(SIGKILL); }

private:
    /// By the pidfd where there is one: the number may be another child's once somebody else has collected this one.
    [[nodiscard]] std::optional<int> collect() const {
        constexpr auto by_pidfd = static_cast<::idtype_t>(3); // P_PIDFD, from Linux 5.4 on
        ::siginfo_t info{};
        const auto wait = [&info](::idtype_t what, auto which) {
            int result = 0;
            do {
                result = ::waitid(what, static_cast<::id_t>(which), &info, WEXITED | WNOHANG);
            } while (result != 0 && errno == EINTR);
            return result;
        };
        int result = pidfd_ ? wait(by_pidfd, pidfd_.get()) : -1;
        if (!pidfd_ || (result != 0 && errno != ECHILD)) { // an older system, or one that refuses it; closed by the program
            result = wait(P_PID, pid_);
        }
        if (result != 0) {
            if (errno == ECHILD) {
                return unknown_exit_status; // somebody else collected it: gone, and nobody can say how
            }
            throw_os_error(last_os_error(), "waitid", "process " + std::to_string(pid_));
        }
        if (info.si_pid == 0) {
            return std::nullopt;
        }
        return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
    }

    void sleep_until_ended(deadline now, deadline until) const {
        if (!pidfd_.is_whole()) {
            // Before Linux 5.3, or no descriptor left, or closed by the program: look again every millisecond.
            poll_for_input(nullptr, 0, now, (std::min)(until, now + std::chrono::milliseconds(1)));
            return;
        }
        ::pollfd ask{pidfd_.get(), POLLIN, 0};
        poll_for_input(&ask, 1, now, until);
    }

    void send(int signal) {
        const std::lock_guard guard(collecting_); // not collected meanwhile by this library, so without a pidfd the number is still the child's
        if (status_ || (status_ = collect())) {
            return;
        }
        long result = pidfd_ ? ::syscall(SYS_pidfd_send_signal, pidfd_.get(), signal, nullptr, 0) : -1;
        if (!pidfd_ || (result != 0 && errno != ESRCH)) { // likewise; and where the child is another user's, this is refused, too
            result = ::kill(pid_, signal);
        }
        if (result != 0 && errno != ESRCH) {
            throw_os_error(last_os_error(), "kill", "process " + std::to_string(pid_));
        }
    }

    ::pid_t pid_ = 0;
    owned_handle pidfd_;
    owned_handle stand_in_; // made when it is asked for, where there is no pidfd
    std::mutex collecting_;
    std::optional<int> status_;
};

} // namespace multiprocessing::platform::posix
