#pragma once

#include <multiprocessing/platform/clock.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace multiprocessing::platform::posix {

/// For systems that have nothing to sleep on between processes: looks at the word now and then. The pauses grow, so that a word that
/// changes soon is seen soon, and one that does not costs little: a look is some microseconds of processor time, and there are seven or
/// eight in a slice of 16 ms, which is less than 1 % of a core (tests/robustness/waiting.cpp). A change is seen at most `longest_pause`
/// late, and nobody is needed to wake anybody: who is never waited for may be killed.
struct polling_wait_word {
    static constexpr std::chrono::microseconds first_pause{50};
    static constexpr std::chrono::microseconds longest_pause{4000};

    static void wait(const std::uint32_t* word, std::uint32_t expected, deadline until) noexcept {
        std::chrono::nanoseconds pause = first_pause;
        for (;;) {
            const deadline now = clock::now();
            if (value_of(word) != expected || now >= until) {
                return;
            }
            std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(pause, until - now));
            pause = std::min<std::chrono::nanoseconds>(4 * pause, longest_pause);
        }
    }

    static void wake_one(const std::uint32_t*) noexcept {}
    static void wake_all(const std::uint32_t*) noexcept {}

private:
    static std::uint32_t value_of(const std::uint32_t* word) noexcept {
        return std::atomic_ref(const_cast<std::uint32_t&>(*word)).load(std::memory_order_relaxed);
    }
};

} // namespace multiprocessing::platform::posix
