#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/fork_depth.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/posix/poll_for_input.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdint>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// A pidfd is the process itself: no later process of the same number, and the same in every PID namespace. Where there is none (before Linux 5.3, other
/// systems, a seccomp filter) the number stands in.
[[nodiscard]] inline owned_handle watchable_self() {
    owned_handle self(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
    if (!self && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
        throw_os_error(last_os_error(), "pidfd_open", "this process, to be watched by a child");
    }
    return self;
}

/// What is asked, in this order:
/// 1. `getppid`, where the one that asks was a child of the process when it made the watch. The kernel gives an orphan another parent before it says that
///    the old one has ended, and its own child is not given the number again. It needs no descriptor, so it answers in a daemon that has closed all of them.
/// 2. The pidfd, if it is one: the program may have closed it, and its number may be of another file by now, which is readable all the time.
/// 3. Whether there is a process of that number.
class process_watch {
public:
    explicit process_watch(std::int64_t number) noexcept
        : process_watch(number, owned_handle(static_cast<int>(::syscall(SYS_pidfd_open, static_cast<::pid_t>(number), 0)))) {}

    process_watch(std::int64_t number, owned_handle process) noexcept
        : pid_(static_cast<::pid_t>(number)), is_parent_(::getppid() == pid_), pidfd_(std::move(process)) {}

    [[nodiscard]] bool wait_until(deadline until) const {
        for (;;) {
            const deadline now = clock::now();
            if (has_ended()) {
                return true;
            }
            if (now >= until) {
                return false;
            }
            const bool wakes = pidfd_ && is_pidfd();
            ::pollfd ask{wakes ? pidfd_.get() : invalid_native_handle, POLLIN, 0};
            poll_for_input(&ask, 1, now, wakes ? until : (std::min)(until, now + std::chrono::milliseconds(10)));
        }
    }

    /// The thread has a table of descriptors of its own from here on, with the pidfd in it and nothing else: the program may close the number, and the
    /// end of nothing that the program reads waits for this thread. Before Linux 5.9 it goes on sharing the program's.
    void keep_to_oneself() const noexcept {
#if defined(SYS_close_range)
        constexpr unsigned unshare = 2; // CLOSE_RANGE_UNSHARE
        if (pidfd_ && ::syscall(SYS_close_range, pidfd_.get() + 1, UINT_MAX, unshare) == 0 && pidfd_.get() > 0) {
            ::syscall(SYS_close_range, 0, pidfd_.get() - 1, 0);
        }
#endif
    }

private:
    [[nodiscard]] bool has_ended() const {
        const ::pid_t parent = ::getppid();
        if (is_parent_ && maker_ == fork_depth::current()) { // otherwise this is a fork of its child
            return parent != pid_;
        }
        ::pollfd ask{pidfd_.get(), POLLIN, 0};
        if (pidfd_ && ::poll(&ask, 1, 0) >= 0 && (ask.revents == 0 || is_pidfd())) {
            return ask.revents != 0;
        }
        if (parent == 0) { // in another PID namespace: its number means nothing here
            throw_os_error(EBADF, "poll", "the process that made this one, which is in another PID namespace, so that only its pidfd tells whether it lives: "
                                          "the program has closed that descriptor, or the system has none");
        }
        return ::kill(pid_, 0) != 0 && errno == ESRCH;
    }

    /// No signal is sent: whether there is a process of which the caller may know is asked after whether it is a pidfd.
    [[nodiscard]] bool is_pidfd() const noexcept { return ::syscall(SYS_pidfd_send_signal, pidfd_.get(), 0, nullptr, 0) == 0 || errno != EBADF; }

    ::pid_t pid_;
    bool is_parent_; // of the process that made this
    std::uint64_t maker_ = fork_depth::current();
    owned_handle pidfd_;
};

} // namespace multiprocessing::platform::posix
