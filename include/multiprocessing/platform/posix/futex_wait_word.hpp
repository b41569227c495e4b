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
        // FUTEX_WAIT_BITSET, because its time-out is an absolute CLOCK_MONOTONIC time: an interrupted wait stays exact.
        if (until == no_deadline) {
            ::syscall(SYS_futex, word, FUTEX_WAIT_BITSET, expected, nullptr, nullptr, FUTEX_BITSET_MATCH_ANY);
            return;
        }
        const auto since_boot = until.time_since_epoch();
        if (since_boot.count() <= 0) {
            return; // long over; and a timespec must not be negative
        }
        const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
        const std::chrono::nanoseconds rest = since_boot - seconds;
        ::timespec end{};
        end.tv_sec = seconds.count();
        end.tv_nsec = rest.count();
        ::syscall(SYS_futex, word, FUTEX_WAIT_BITSET, expected, &end, nullptr, FUTEX_BITSET_MATCH_ANY);
    }

    static void wake_one(const std::uint32_t* word) noexcept {
        ::syscall(SYS_futex, word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
    }

    static void wake_all(const std::uint32_t* word) noexcept {
        ::syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
    }
};

} // namespace multiprocessing::platform::posix
