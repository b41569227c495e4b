#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/robust/mutex_state.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

/// \file
/// An event, as it lies in shared memory.

namespace multiprocessing::detail {

/// The protocol. One word: whether it is set (bit 0), that somebody sleeps on it (bit 1), and how often it was set (the rest).
///   set:    one compare-exchange: bit 0 on, bit 1 off, one more if bit 0 was off; wake all if bit 1 was on.
///   clear:  bit 0 off.
///   wait:   until bit 0 is on, or the number is another than at the call. To sleep, put bit 1 on.
///
/// Invariants and interruptions: each step is one atomic operation, so a killed thread has done it or not. Killed between set and wake: the
/// event is set, and sleepers see it at the end of their slices. A killed sleeper leaves bit 1, which costs one needless wake. A
/// waiter goes by the number, so that one who is slow to wake was woken all the same, though the event was cleared since. (It
/// returns after 2^30 settings that it slept through, only if the event is set.)
struct event_state {
    robust::mutex_state header; // not used: there is nothing to lock
    std::atomic<std::uint32_t> word{0};

    static constexpr std::uint32_t is_set_bit = 1;
    static constexpr std::uint32_t somebody_sleeps = 2;
    static constexpr std::uint32_t one_setting = 4;

    [[nodiscard]] bool is_set() const noexcept { return (word.load(std::memory_order_acquire) & is_set_bit) != 0; }

    void set() noexcept {
        std::uint32_t seen = word.load(std::memory_order_relaxed);
        while (!word.compare_exchange_weak(seen, after_set(seen), std::memory_order_acq_rel, std::memory_order_relaxed)) {
        }
        if ((seen & somebody_sleeps) != 0) [[unlikely]] {
            wake_all();
        }
    }

    void clear() noexcept { word.fetch_and(~is_set_bit, std::memory_order_acq_rel); }

    [[nodiscard]] bool wait_until(platform::deadline until) noexcept { return is_set() || wait_slowly(until); }

private:
    // Out of line, so that what is hardly ever done does not cost registers and cache where the event is set or asked for.
    [[nodiscard]] bool wait_slowly(platform::deadline until) noexcept;
    [[gnu::cold]] void wake_all() noexcept;

    static std::uint32_t after_set(std::uint32_t seen) noexcept {
        const std::uint32_t set = (seen & is_set_bit) != 0 ? seen : (seen | is_set_bit) + one_setting;
        return set & ~somebody_sleeps;
    }
};

static_assert(offsetof(event_state, word) == 16 && sizeof(event_state) == 24);

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/detail/event_state.ipp>
#endif
