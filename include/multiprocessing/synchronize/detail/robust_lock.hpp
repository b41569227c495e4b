#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/synchronize/detail/guard_header.hpp>
#include <multiprocessing/synchronize/detail/lives_of.hpp>
#include <multiprocessing/synchronize/detail/this_thread_life.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

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
/// * What an heir finds to complete may be nonsense, if somebody wrote there who is no part of the protocol (see redo_log): then nothing is completed,
///   and LayoutError tells the heir, which gives the lock back, with owner_died set. Killed before the note is cleared, there is an heir that finds the
///   same; killed after it, one that finds owner_died.
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
        return try_lock_slowly(lock);
    }

    [[nodiscard]] static bool try_lock_until(guard_header& lock, platform::deadline until, purpose why = purpose::use) {
        return try_take_free(lock, why) || lock_slowly(lock, until, why);
    }

    /// Throws operation_not_permitted, and changes nothing, when the calling thread does not hold the lock. Does nothing at all in a child that was forked
    /// where the parent may have held it (thread_may_be_in_parents_scopes): the destructors of the parent's guards run there, too.
    static void unlock(guard_header& lock) {
        if (is_owner(lock)) [[likely]] {
            unlock_owned(lock);
        } else if (!thread_may_be_in_parents_scopes()) {
            throw_not_owner("release");
        }
    }

    /// For destructors of guards that users can hold for long: nothing, when another name was written there meanwhile, by somebody who is no part of the
    /// protocol. The lock is then whose name it is.
    static void unlock_if_owned(guard_header& lock) noexcept {
        if (is_owner(lock)) [[likely]] {
            unlock_owned(lock);
        }
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
    [[nodiscard]] static std::uint16_t unlock_all(guard_header& lock) noexcept;

    /// Whatever the policy says, and without callbacks: who has waited in between is to hold the lock again.
    static void lock_again(guard_header& lock, std::uint16_t depth);

    [[nodiscard]] static bool owner_has_died(const guard_header& lock) noexcept {
        return (lock.flags.load(std::memory_order_relaxed) & guard_header::owner_died) != 0;
    }

    /// What `lock_again` has left undone: calls the callbacks or obeys the policy, if an owner died. The caller holds the lock, all levels
    /// of it, also when this throws.
    static void face_death_while_waiting(guard_header& lock);

    /// Whether the lock was not given back by one who died. A free lock has no owner.
    [[nodiscard]] static bool has_dead_owner(const guard_header& lock) noexcept;

    /// Whether somebody alive has it, the calling thread included, for all that is known.
    [[nodiscard]] static bool has_living_owner(const guard_header& lock) noexcept;

    /// Looks at the lock of an object that was opened by its name: whether what an heir would do stays inside the object. Does not wait: what a
    /// living owner is in the middle of is its own, and sane.
    ///
    /// Nothing is written, so that one who is killed while it opens an object leaves no trace in it; with one exception. Invariant: beside
    /// a free lock `depth` and the mark are clear. Whoever sees them otherwise has seen damage, or the lock was taken between its looks; it
    /// takes the lock, in which nobody commits, and looks again.
    [[nodiscard]] static bool is_sane(guard_header& lock, std::size_t offset, bool is_array, std::size_t bytes);

    [[nodiscard]] static bool is_owner(const guard_header& lock) noexcept {
        const life_name owner = owner_in(lock.word.load(std::memory_order_relaxed));
        if (this_thread_name != 0 && owner == this_thread_name) [[likely]] {
            return true;
        }
        return !is_nobody(owner) && owner == this_thread_name_of(lock);
    }

    [[noreturn]] static void throw_not_owner(const char* what);

private:
    static std::uint64_t owner_in(std::uint64_t word) noexcept { return word & ~guard_header::somebody_waits; }

    // Out of line, so that what is hardly ever done does not cost registers and cache where the lock is taken.
    [[gnu::cold]] static void wake_one(guard_header& lock) noexcept;
    [[gnu::cold]] static void take_care(guard_header& lock, purpose why);
    [[nodiscard]] static bool try_lock_slowly(guard_header& lock);
    static bool lock_slowly(guard_header& lock, platform::deadline until, purpose why);

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

    static void look_after_taking(guard_header& lock, purpose why) {
        if ((lock.flags.load(std::memory_order_relaxed) & guard_header::asks_for_care) != 0) [[unlikely]] {
            take_care(lock, why);
        }
    }

    /// What the definitions above are made of.
    struct steps;
};

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/detail/robust_lock.ipp>
#endif
