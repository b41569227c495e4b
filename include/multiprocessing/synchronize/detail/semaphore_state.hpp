#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/robust/mutex_state.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

/// \file
/// A semaphore, as it lies in shared memory.

namespace multiprocessing::detail {

/// The protocol. One word: how many permits there are (bits 1 to 31), and that somebody sleeps (bit 0).
///   acquire:  compare-exchange n -> n - 1, if n is not 0. To sleep, put bit 0 on. Whoever acquires after it has slept puts bit 0 on, because
///             others may be asleep, and wakes one of them if permits are left.
///   release:  n -> n + k; if bit 0 was on, put it off, and wake one, or all if k > 1.
///
/// Invariants and interruptions:
/// * A permit is in the word or in a thread's hands: taking and giving is one atomic operation. A permit in the hands of the dead is lost.
/// * A sleeper that is killed after it was woken has swallowed the wake, and bit 0 is off: another sleeper finds the permit at the end of its
///   slice. So does one whose waker was killed between the release and the wake.
/// * A sleeper that puts bit 0 on while a releaser puts it off, and finds no permit, is not lost: whoever is woken puts it on again.
/// * Two releases before the first sleeper runs wake one only; that one finds a permit left, and wakes the next.
struct semaphore_state {
    robust::mutex_state header; // not used: the word is all there is
    std::atomic<std::uint32_t> word;

    static constexpr std::uint32_t most = 0x7fffffff; // Python's SEM_VALUE_MAX

    explicit semaphore_state(std::uint32_t permits) noexcept : header{}, word(2 * permits) {}

    [[nodiscard]] std::uint32_t permits() const noexcept { return word.load(std::memory_order_relaxed) / one_permit; }

    [[nodiscard]] bool try_take() noexcept { return try_take(0); }

    [[nodiscard]] bool take_until(platform::deadline until) noexcept { return try_take() || take_slowly(until); }

    /// False, and nothing is changed, when there would be more than `most`.
    [[nodiscard]] bool give(std::uint32_t count) noexcept {
        // Far from the greatest number, as nearly always, an addition does; a compare-exchange would have to wait for what it compares with.
        // (There are not so many threads that they could all be between the two steps and together give too many.)
        std::uint32_t seen = word.load(std::memory_order_relaxed);
        if (seen / one_permit < most / 2 && count <= given_by_addition) [[likely]] {
            seen = word.fetch_add(count * one_permit, std::memory_order_release);
        } else if (!give_if_room(count, seen)) {
            return false;
        }
        if ((seen & somebody_sleeps) != 0) [[unlikely]] {
            word.fetch_and(~somebody_sleeps, std::memory_order_relaxed);
            wake(count);
        }
        return true;
    }

private:
    static constexpr std::uint32_t somebody_sleeps = 1;
    static constexpr std::uint32_t one_permit = 2;
    static constexpr std::uint32_t given_by_addition = 64;

    [[nodiscard]] bool try_take(std::uint32_t add_bits) noexcept {
        std::uint32_t seen = word.load(std::memory_order_relaxed);
        while (seen >= one_permit) {
            const std::uint32_t less = (seen - one_permit) | add_bits;
            if (word.compare_exchange_weak(seen, less, std::memory_order_acquire, std::memory_order_relaxed)) {
                if (add_bits != 0 && less >= one_permit) {
                    wake(1);
                }
                return true;
            }
        }
        return false;
    }

    // Out of line, so that what is hardly ever done does not cost registers and cache where a permit is taken or given.
    [[nodiscard]] bool take_slowly(platform::deadline until) noexcept;
    [[nodiscard, gnu::cold]] bool give_if_room(std::uint32_t count, std::uint32_t& seen) noexcept;
    [[gnu::cold]] void wake(std::uint32_t count) noexcept;
};

static_assert(offsetof(semaphore_state, word) == 16 && sizeof(semaphore_state) == 24);

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/detail/semaphore_state.ipp>
#endif
