#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/robust/life_id.hpp>
#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/robust/mutex_state.hpp>
#include <multiprocessing/robust/this_thread_life.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

/// \file
/// The mutex: recursive, shared between processes, inherited by the next contender when its owner dies.

namespace multiprocessing::robust {

/// Why a thread takes a mutex: to use what it guards, or to repair it, for which neither callback nor policy is asked.
enum class purpose { use, repair };

/// FORMAT. mutex_state.hpp. The word holds the id of the owner; no id is given twice. Bit 0 says that a contender may be asleep. The word of a free mutex holds
/// nobody, of the scope in whose ids the mutex is written. That is 0 for the family's, which all mutexes without a name are: the first step below fails for the others, and
/// they go the slow way.
///
/// ALGORITHM.
///   lock:    Compare-exchange 0 -> me. If the word is me already, go one level deeper. Else spin a little. Else set bit 0 and
///            ask whether the owner lives. If it is dead, compare-exchange its id -> me, and complete what it was storing: this thread is its heir. If it lives, sleep on the word.
///   unlock:  Go one level up; or exchange the word with nobody, and wake one sleeper if bit 0 was set.
///
/// INVARIANT. A thread owns the mutex exactly when the word holds its id. `depth`, owner_died and the redo mark are written by the owner alone. (guards_others is set by any
/// thread, once and for all; the policy, by any thread at any time.)
///
/// INTERRUPTIONS. Why the death of a thread between any two instructions keeps it:
/// * Taking and giving back is one atomic step on one word. Before it the killed thread owned nothing; after it the word holds its
///   id, and the next contender finds that id's thread dead. In no state between is the mutex nobody's.
/// * An heir sets depth to 0, raises owner_died and completes pending stores *after* the word holds its id. If it is killed on the way, its own heir does all of that again.
/// * A thread that has taken a mutex that is owner_died, and does not mean to repair it, calls this process's callbacks or obeys the policy: always
///   as the owner, and before anybody uses what the mutex guards. owner_died is cleared after the callbacks, in one step. If the thread is killed before it, the heir
///   finds owner_died and does the same; after it, the repair was complete. To throw is to give the mutex back as any owner does,
///   with owner_died set: if the thread is killed before that, it has an heir; after it, the next owner finds what this one found.
/// * What an heir finds to complete may be nonsense, if a program wrote there that does not follow the protocol (redo_log.hpp). Then nothing is completed,
///   and LayoutError tells the heir, which gives the mutex back, with owner_died set. If it is killed before the note is cleared, its heir finds the
///   same; after it, the next owner finds owner_died.
/// * A thread that acquires after it slept leaves bit 0 set, because others may be asleep; at worst that costs a needless
///   wake-up. A wake-up can still be lost: the thread that was woken is killed before it runs, while another one barged in and cleared the bit.
///   So every sleep is a slice that ends by itself: nobody sleeps beside a free mutex, or a dead owner's, longer than that.
/// * A frozen or starved owner is alive: to wait for it is right, and `try_lock_until` keeps its deadline.
class mutex : public mutex_state {
public:
    void lock(purpose why = purpose::use) {
        if (!try_take_free(why)) [[unlikely]] {
            lock_slowly(platform::no_deadline, why);
        }
    }

    [[nodiscard]] bool try_lock() {
        if (try_take_free(purpose::use)) [[likely]] {
            return true;
        }
        return try_lock_slowly();
    }

    [[nodiscard]] bool try_lock_until(platform::deadline until, purpose why = purpose::use) { return try_take_free(why) || lock_slowly(until, why); }

    /// Throws operation_not_permitted, and changes nothing, when the calling thread does not own it. Does nothing at all in a child that was forked
    /// where the parent may have owned it (thread_may_be_in_parents_scopes): the destructors of the parent's guards run there, too.
    void unlock() {
        if (is_owner()) [[likely]] {
            unlock_owned();
        } else if (!thread_may_be_in_parents_scopes()) {
            throw_not_owner("release");
        }
    }

    /// For destructors of guards that users can hold for long: does nothing when another id was written there meanwhile, by a program that does not follow the
    /// protocol. The mutex is then that thread's.
    void unlock_if_owned() noexcept {
        if (is_owner()) [[likely]] {
            unlock_owned();
        }
    }

    /// For guards, whose thread owns it.
    void unlock_owned() noexcept {
        if (depth != 0) {
            --depth;
            return;
        }
        set_free();
    }

    /// Gives back all levels, by the owner. Returns how many `lock_again` is to restore.
    [[nodiscard]] std::uint16_t unlock_all() noexcept;

    /// Takes it whatever the policy says, and without callbacks: a thread that waited in between owns the mutex again at the end.
    void lock_again(std::uint16_t levels);

    /// What `lock_again` has left undone: calls the callbacks or obeys the policy, if an owner died. The caller owns the mutex, all levels
    /// of it, also when this throws.
    void face_death_while_waiting();

    /// What it guards is in order again. Called by the owner.
    void make_consistent() noexcept {
        // release: after the repair, also when the next instruction is the last
        flags.fetch_and(static_cast<std::uint8_t>(~owner_died), std::memory_order_release);
    }

    [[nodiscard]] bool is_owner() const noexcept {
        const life_id taken_by = owner();
        if (this_thread_id && taken_by == this_thread_id) [[likely]] {
            return true;
        }
        return !taken_by.is_nobody() && taken_by == this_thread_id_for(*this);
    }

    [[nodiscard]] bool owner_has_died() const noexcept { return has(owner_died); }

    /// Whether the owner died without giving it back. A free mutex has no owner.
    [[nodiscard]] bool has_dead_owner() const noexcept;

    /// Whether a living thread owns it, the calling one included, as far as can be known.
    [[nodiscard]] bool has_living_owner() const noexcept;

    /// Looks at the mutex of an object that was opened by its name: whether what an heir would do stays inside the object. Does not wait: what a
    /// living owner is in the middle of is its own, and sane.
    ///
    /// Nothing is written, so that a process that is killed while it opens an object leaves no trace in it; with one exception. Invariant: beside
    /// a free mutex `depth` and the mark are clear. A reader that sees them otherwise has seen damage, or the mutex was taken between its looks; it
    /// takes the mutex, in which nobody commits, and looks again.
    [[nodiscard]] bool is_sane(std::size_t offset, bool is_array, std::size_t bytes);

    [[noreturn]] static void throw_not_owner(const char* what);

private:
    /// Gives back the last level, by the owner.
    void set_free() noexcept {
        const life_id nobody = owner().nobody();
        if ((word.exchange(nobody.bits(), std::memory_order_release) & somebody_waits) != 0) [[unlikely]] {
            wake_one();
        }
    }

    [[nodiscard]] bool try_take_free(purpose why) {
        const life_id me = this_thread_id;
        std::uint64_t nobody = 0;
        if (!me || !word.compare_exchange_strong(nobody, me.bits(), std::memory_order_acquire, std::memory_order_relaxed)) [[unlikely]] {
            return false;
        }
        look_after_taking(why);
        return true;
    }

    void look_after_taking(purpose why) {
        if (has(asks_for_care)) [[unlikely]] {
            take_care(why);
        }
    }

    // Out of line, so that what is hardly ever done does not cost registers and cache where the mutex is taken.
    [[gnu::cold]] void wake_one() noexcept;
    [[gnu::cold]] void take_care(purpose why);
    [[nodiscard]] bool try_lock_slowly();
    bool lock_slowly(platform::deadline until, purpose why);

    /// What the definitions of these are made of.
    struct steps;
};
static_assert(sizeof(mutex) == sizeof(mutex_state) && std::is_standard_layout_v<mutex> && std::is_trivially_destructible_v<mutex>);

} // namespace multiprocessing::robust

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/robust/mutex.ipp>
#endif
