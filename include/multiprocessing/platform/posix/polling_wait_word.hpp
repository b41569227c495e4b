#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>

namespace multiprocessing::platform::posix {

/// For systems that have nothing to sleep on between processes: looks at the word now and then. The pauses grow, so that a word that
/// changes soon is seen soon; and they begin with a sixteenth of the whole wait, for whoever has slept long asks for long sleeps. So one that
/// does not change costs little: there are three sleeps in a slice of 16 ms, which together take less than 1 % of a core
/// (tests/robustness/waiting.cpp prints how much). A change is seen at most `longest_pause` late, and nobody is needed to wake anybody: who
/// is never waited for may be killed.
struct polling_wait_word {
    static constexpr std::chrono::nanoseconds shortest_first_pause = std::chrono::microseconds(50);
    static constexpr std::chrono::nanoseconds longest_first_pause = std::chrono::milliseconds(1);
    static constexpr std::chrono::nanoseconds longest_pause = std::chrono::milliseconds(8);

    static void wait(const std::uint32_t* word, std::uint32_t expected, deadline until) noexcept {
        deadline now = clock::now();
        std::chrono::nanoseconds pause = std::clamp<std::chrono::nanoseconds>((until - now) / 16, shortest_first_pause, longest_first_pause);
        for (; value_of(word) == expected && now < until; now = clock::now()) {
            std::this_thread::sleep_for((std::min<std::chrono::nanoseconds>)(pause, until - now));
            pause = (std::min)(8 * pause, longest_pause);
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
