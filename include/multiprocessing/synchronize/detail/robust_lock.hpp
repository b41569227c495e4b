#pragma once

#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/synchronize/detail/guard_header.hpp>
#include <multiprocessing/synchronize/detail/guarded_elsewhere.hpp>
#include <multiprocessing/synchronize/detail/owner_died_callbacks.hpp>
#include <multiprocessing/synchronize/detail/redo_log.hpp>
#include <multiprocessing/synchronize/detail/this_thread_life.hpp>
#include <multiprocessing/synchronize/detail/waiting.hpp>
#include <multiprocessing/synchronize/owner_died.hpp>

#include <atomic>
#include <bit>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <system_error>

/// \file
/// The lock: recursive, between processes, and had by the next one when its owner dies.

namespace multiprocessing::detail {

/// Why a thread takes a lock: to use what it guards, or to repair it, for which neither callback nor policy is asked.
enum class purpose { use, repair };

/// The protocol. `word` names the owner, by a name that is never given twice; bit 0 says that somebody may be asleep. A free lock names
/// nobody of the registry that it is written in: 0, the family's, for all locks without a name; so the first step below fails for the
/// others, and they go on slowly.
///   lock:    compare-exchange 0 -> me. It is me already: one level deeper. Else spin a little; else set bit 0 and
///            ask whether the owner lives. It does not: compare-exchange its name -> me, and repair. It does: sleep on the word.
///   unlock:  one level up, or exchange the word with 0, and wake one sleeper if bit 0 was set.
///
/// Invariants and interruptions:
/// * Taking and giving the lock is one atomic step on one word. Before it the killed thread had nothing; after it the word has its
///   name, which the next contender finds to be that of the dead. There is no state between in which the lock is nobody's.
/// * `depth`, owner_died and the redo marks are written by the owner alone (guards_others is set by anybody, once and for all; the policy, by
///   anybody at any time). An heir sets depth to 0, raises owner_died and completes
///   pending stores *after* its name is in the word; killed on the way, its own heir does all of it again.
/// * Who has taken a lock that is owner_died, and does not mean to repair it, calls this process's callbacks or obeys the policy: always
///   as the owner, and before anybody uses what the lock guards. owner_died is cleared after the callbacks, in one step; killed before it, the heir
///   finds owner_died and does the same; killed after it, the repair was complete. To throw is to give the lock back as any owner does,
///   with owner_died set: killed before that, there is an heir, and killed after it, the next one finds what this one found.
/// * Whoever acquires after it has slept leaves bit 0 set, because others may be asleep; at worst that costs a needless
///   wake. A wake can still be lost (the thread that was woken is killed before it runs, while another one barged in and cleared the bit),
///   so every sleep is a slice that ends by itself: nobody sleeps beside a free lock, or a dead owner's, longer than that.
/// * A frozen or starved owner is alive: waiting for it is right, and `try_lock_until` keeps its deadline.
class robust_lock {
public:
    static void lock(guard_header& lock, purpose why = purpose::use) {
        if (!try_take_free(lock, why)) [[unlikely]] {
            lock_slowly(lock, platform::no_deadline, why);
        }
    }

    [[nodiscard]] static bool try_lock(guard_header& lock) {
        if (try_take_free(lock, purpose::use)) [[likely]] {
            return true;
        }
        std::uint64_t seen = lock.word.load(std::memory_order_relaxed);
        const life_name me = enrol_this_thread(scope_of(seen));
        return try_deepen(lock, me, seen) || try_take(lock, me, seen, purpose::use);
    }

    [[nodiscard]] static bool try_lock_until(guard_header& lock, platform::deadline until, purpose why = purpose::use) {
        return try_take_free(lock, why) || lock_slowly(lock, until, why);
    }

    /// Throws operation_not_permitted, and changes nothing, when the calling thread does not hold the lock.
    static void unlock(guard_header& lock) {
        if (!is_owner(lock)) [[unlikely]] {
            throw_not_owner("release");
        }
        unlock_owned(lock);
    }

    /// For guards, which know that they hold it.
    static void unlock_owned(guard_header& lock) noexcept {
        if (lock.depth != 0) {
            --lock.depth;
            return;
        }
        set_free(lock);
    }

    /// The last level, by the owner.
    static void set_free(guard_header& lock) noexcept {
        const life_name nobody = nobody_like(lock.word.load(std::memory_order_relaxed));
        if ((lock.word.exchange(nobody, std::memory_order_release) & guard_header::somebody_waits) != 0) [[unlikely]] {
            wake_one(lock);
        }
    }

    /// What the lock guards is in order again. Called by the owner.
    static void make_consistent(guard_header& lock) noexcept {
        // release: after the repair, also when the next instruction is the last
        lock.flags.fetch_and(static_cast<std::uint8_t>(~guard_header::owner_died), std::memory_order_release);
    }

    /// All levels, by the owner. Returns how many `lock_again` is to restore.
    [[nodiscard]] static std::uint16_t unlock_all(guard_header& lock) noexcept {
        const std::uint16_t depth = lock.depth;
        lock.depth = 0;
        unlock_owned(lock);
        return depth;
    }

    /// Whatever the policy says, and without callbacks: who has waited in between is to hold the lock again.
    static void lock_again(guard_header& lock, std::uint16_t depth) {
        robust_lock::lock(lock, purpose::repair);
        lock.depth = depth;
    }

    [[nodiscard]] static bool owner_has_died(const guard_header& lock) noexcept {
        return (lock.flags.load(std::memory_order_relaxed) & guard_header::owner_died) != 0;
    }

    /// What `lock_again` has left undone: calls the callbacks or obeys the policy, if an owner died. The caller holds the lock, all levels
    /// of it, also when this throws.
    static void face_death_while_waiting(guard_header& lock) {
        if (owner_has_died(lock)) [[unlikely]] {
            face_death(lock, [&lock, depth = lock.depth] {
                if (!is_owner(lock)) {
                    robust_lock::lock(lock, purpose::repair);
                }
                lock.depth = depth;
            });
        }
    }

    /// Whether the lock was not given back by one who died. A free lock has no owner.
    [[nodiscard]] static bool has_dead_owner(const guard_header& lock) noexcept {
        const life_name owner = owner_in(lock.word.load(std::memory_order_relaxed));
        return !is_nobody(owner) && !life_registry::is_alive(owner);
    }

    /// Looks at the lock of an object that was opened by its name: whether what an heir would do stays inside the object. Does not wait: what a
    /// living owner is in the middle of is its own, and sane.
    ///
    /// Nothing is written, so that one who is killed while it opens an object leaves no trace in it; with one exception. Invariant: beside
    /// a free lock `depth` and the mark are clear. Whoever sees them otherwise has seen damage, or the lock was taken between its looks; it
    /// takes the lock, in which nobody commits, and looks again.
    [[nodiscard]] static bool is_sane(guard_header& lock, std::size_t offset, bool is_array, std::size_t bytes) {
        for (;;) {
            std::uint64_t seen = lock.word.load(std::memory_order_acquire);
            const life_name owner = owner_in(seen);
            if (is_nobody(owner)) {
                if (redo_log::is_clear(lock, offset, is_array) && lock.depth == 0) {
                    return true;
                }
                const std::uint64_t mine = enrol_this_thread(scope_of(seen)) | (seen & guard_header::somebody_waits);
                if (!lock.word.compare_exchange_strong(seen, mine, std::memory_order_acquire, std::memory_order_relaxed)) {
                    continue;
                }
                const bool sane = redo_log::is_clear(lock, offset, is_array) && lock.depth == 0;
                set_free(lock);
                return sane;
            }
            if (life_registry::is_alive(owner)) {
                return redo_log::has_layout(lock, offset, is_array);
            }
            const bool sane = redo_log::is_sane(lock, offset, is_array, bytes);
            if (lock.word.load(std::memory_order_acquire) == seen) { // otherwise an heir was faster
                return sane;
            }
        }
    }

    [[nodiscard]] static bool is_owner(const guard_header& lock) noexcept {
        const life_name owner = owner_in(lock.word.load(std::memory_order_relaxed));
        if (this_thread_name != 0 && owner == this_thread_name) [[likely]] {
            return true;
        }
        return !is_nobody(owner) && owner == this_thread_name_in(scope_of(owner));
    }

    [[noreturn, gnu::noinline]] static void throw_not_owner(const char* what) {
        throw std::system_error(std::make_error_code(std::errc::operation_not_permitted),
                                std::string("multiprocessing: ") + what + " of a lock that this thread does not hold");
    }

private:
    static std::uint64_t owner_in(std::uint64_t word) noexcept { return word & ~guard_header::somebody_waits; }

    /// The half of the word that the system sleeps on: it holds bit 0, the slot and the low bits of the generation. That two
    /// words agree in this half and differ in the other costs one slice, no more.
    static const std::uint32_t* sleeping_half(const guard_header& lock) noexcept {
        return reinterpret_cast<const std::uint32_t*>(&lock.word) + (std::endian::native == std::endian::big ? 1 : 0);
    }

    // Out of line, so that what is hardly ever done does not cost registers and cache where the lock is taken.
    [[gnu::noinline, gnu::cold]] static void wake_one(guard_header& lock) noexcept {
        platform::wait_word::wake_one(sleeping_half(lock));
    }
    [[gnu::noinline, gnu::cold]] static void take_care(guard_header& lock, purpose why) {
        const std::uint8_t flags = lock.flags.load(std::memory_order_relaxed);
        if ((flags & guard_header::guards_others) != 0) {
            guarded_elsewhere::complete_all(lock);
        }
        if ((flags & guard_header::owner_died) != 0 && why == purpose::use) {
            face_death(lock, [&lock] { give_back(lock); });
        }
    }

    /// The calling thread holds the lock, which is owner_died. Before this throws, it calls `undo`.
    template <class Undo>
    static void face_death(guard_header& lock, Undo undo) {
        const std::uint16_t depth = lock.depth;
        bool repaired = false;
        try {
            repaired = owner_died_callbacks::call_all(lock);
        } catch (...) {
            undo();
            throw;
        }
        if (repaired) {
            if (!is_owner(lock) || lock.depth != depth) {
                undo();
                throw std::logic_error("multiprocessing: an OwnerDiedCallback must give back the lock as often as it takes it, and no more "
                                       "often");
            }
            make_consistent(lock);
        } else if ((lock.flags.load(std::memory_order_relaxed) & guard_header::throws_owner_died) != 0) {
            undo();
            throw OwnerDied();
        }
    }

    /// All levels of it, if the calling thread holds it.
    static void give_back(guard_header& lock) noexcept {
        if (is_owner(lock)) {
            lock.depth = 0;
            unlock_owned(lock);
        }
    }

    [[nodiscard]] static bool try_take_free(guard_header& lock, purpose why) {
        const life_name me = this_thread_name;
        std::uint64_t nobody = 0;
        if (me == 0 || !lock.word.compare_exchange_strong(nobody, me, std::memory_order_acquire, std::memory_order_relaxed))
            [[unlikely]] {
            return false;
        }
        look_after_taking(lock, why);
        return true;
    }

    /// One level deeper, if the calling thread holds the lock.
    [[nodiscard]] static bool try_deepen(guard_header& lock, life_name me, std::uint64_t seen) {
        if (owner_in(seen) != me) {
            return false;
        }
        if (lock.depth == std::numeric_limits<std::uint16_t>::max()) {
            throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                    "multiprocessing: a lock was locked 65,536 times by one thread; release it as often");
        }
        ++lock.depth;
        return true;
    }

    /// Takes the lock if it is free or its owner, as `seen` in the word, is dead. When false, `seen` is what the word was last.
    [[nodiscard]] static bool try_take(guard_header& lock, std::uint64_t me_or_waiting, std::uint64_t& seen, purpose why) {
        for (;;) {
            const life_name owner = owner_in(seen);
            if (!is_nobody(owner) && life_registry::is_alive(owner)) {
                return false;
            }
            // The bit stays set when it was: its sleepers have not been woken.
            const std::uint64_t mine = me_or_waiting | (seen & guard_header::somebody_waits);
            if (lock.word.compare_exchange_strong(seen, mine, std::memory_order_acquire, std::memory_order_relaxed)) {
                if (!is_nobody(owner)) {
                    inherit(lock);
                }
                look_after_taking(lock, why);
                return true;
            }
        }
    }

    /// The calling thread has put its name in the place of a dead owner's.
    static void inherit(guard_header& lock) noexcept {
        lock.depth = 0;
        lock.flags.fetch_or(guard_header::owner_died, std::memory_order_relaxed);
        lock.flags.fetch_add(guard_header::one_death, std::memory_order_relaxed);
        redo_log::complete_in_block(lock);
    }

    static void look_after_taking(guard_header& lock, purpose why) {
        if ((lock.flags.load(std::memory_order_relaxed) & guard_header::asks_for_care) != 0) [[unlikely]] {
            take_care(lock, why);
        }
    }

    /// Tries again while the owner is likely to be in the middle of something short. The pauses grow fast, to 512: contenders that ask
    /// often take the owner's cache line from it each time (benchmarks/locked_increment.cpp).
    [[nodiscard]] static bool spin(guard_header& lock, life_name me, purpose why) {
        return detail::spin(12, 512, [&] {
            std::uint64_t seen = lock.word.load(std::memory_order_relaxed);
            return is_nobody(seen) && try_take(lock, me, seen, why);
        });
    }

    [[gnu::noinline]] static bool lock_slowly(guard_header& lock, platform::deadline until, purpose why) {
        const life_name me = enrol_this_thread(scope_of(lock.word.load(std::memory_order_relaxed)));
        if (try_deepen(lock, me, lock.word.load(std::memory_order_relaxed)) || spin(lock, me, why)) {
            return true;
        }
        std::uint64_t mine = me;
        for (sleeping_slices slices(until);;) {
            std::uint64_t seen = lock.word.load(std::memory_order_relaxed);
            if (try_take(lock, mine, seen, why)) {
                return true;
            }
            if (slices.are_over()) {
                return false;
            }
            const std::uint64_t awaited = seen | guard_header::somebody_waits;
            if (seen != awaited && !lock.word.compare_exchange_strong(seen, awaited, std::memory_order_relaxed)) {
                continue; // it changed hands meanwhile: look again before sleeping
            }
            mine = me | guard_header::somebody_waits;
            slices.sleep(sleeping_half(lock), static_cast<std::uint32_t>(awaited));
        }
    }
};

} // namespace multiprocessing::detail
