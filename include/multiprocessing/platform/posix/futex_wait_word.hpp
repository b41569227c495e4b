#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>

#include <climits>
#include <cstdint>
#include <ctime>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

struct futex_wait_word {
    static void wait(const std::uint32_t* word, std::uint32_t expected, deadline until) noexcept {
        if (until == no_deadline) {
            ::syscall(SYS_futex, word, FUTEX_WAIT, expected, nullptr, nullptr, 0);
            return;
        }
        // A time that is left, not one by the clock: that of the program is not the kernel's where a tool such as libfaketime moves it, and a sleep of
        // milliseconds would last for as long as the clock was moved.
        const deadline now = clock::now();
        if (until <= now) {
            return; // and a timespec must not be negative
        }
        const clock::duration left = until - now;
        const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
        const std::chrono::nanoseconds rest = left - seconds;
        ::timespec time{};
        time.tv_sec = seconds.count();
        time.tv_nsec = rest.count();
        ::syscall(SYS_futex, word, FUTEX_WAIT, expected, &time, nullptr, 0);
    }

    static void wake_one(const std::uint32_t* word) noexcept {
        ::syscall(SYS_futex, word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
    }

    static void wake_all(const std::uint32_t* word) noexcept {
        ::syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
    }
};

} // namespace multiprocessing::platform::posix
