#pragma once

#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/robust/waiting.hpp>
#include <multiprocessing/synchronize/detail/semaphore_state.hpp>

namespace multiprocessing::detail {

[[gnu::noinline]] MULTIPROCESSING_INLINE bool semaphore_state::take_slowly(platform::deadline until) noexcept {
    std::uint32_t bits = 0;
    const bool in_time = robust::wait_in_slices(robust::address_of(word), until, [&] { return try_take(bits); }, [&] {
        bits = somebody_sleeps;
        return word.fetch_or(somebody_sleeps) | somebody_sleeps;
    });
    // Who has slept and goes without a permit may have been woken for one that somebody else took, and others sleep on.
    if (!in_time && bits != 0 && word.fetch_or(somebody_sleeps) >= one_permit) {
        wake(1);
    }
    return in_time;
}

[[gnu::noinline]] MULTIPROCESSING_INLINE bool semaphore_state::give_if_room(std::uint32_t count, std::uint32_t& seen) noexcept {
    do {
        if (count > most - seen / one_permit) {
            return false;
        }
    } while (!word.compare_exchange_weak(seen, seen + count * one_permit, std::memory_order_release, std::memory_order_relaxed));
    return true;
}

[[gnu::noinline]] MULTIPROCESSING_INLINE void semaphore_state::wake(std::uint32_t count) noexcept {
    count == 1 ? platform::wait_word::wake_one(robust::address_of(word)) : platform::wait_word::wake_all(robust::address_of(word));
}

} // namespace multiprocessing::detail
