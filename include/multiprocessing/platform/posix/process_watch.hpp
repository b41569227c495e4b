#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/posix/poll_for_input.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

class process_watch {
public:
    explicit process_watch(std::int64_t number) noexcept
        : pid_(static_cast<::pid_t>(number)), pidfd_(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))) {}

    [[nodiscard]] bool wait_until(deadline until) const {
        for (;;) {
            ::pollfd ask{pidfd_.get(), POLLIN, 0};
            if (pidfd_ ? ::poll(&ask, 1, 0) == 1 : ::kill(pid_, 0) != 0 && errno == ESRCH) {
                return true;
            }
            const deadline now = clock::now();
            if (now >= until) {
                return false;
            }
            if (pidfd_) {
                poll_for_input(&ask, 1, now, until);
            } else { // before Linux 5.3, or no descriptor left
                poll_for_input(nullptr, 0, now, std::min(until, now + std::chrono::milliseconds(10)));
            }
        }
    }

private:
    ::pid_t pid_;
    owned_handle pidfd_;
};

} // namespace multiprocessing::platform::posix
