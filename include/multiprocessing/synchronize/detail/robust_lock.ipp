#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/synchronize/detail/guarded_elsewhere.hpp>
#include <multiprocessing/synchronize/detail/lives_of.hpp>
#include <multiprocessing/synchronize/detail/owner_died_callbacks.hpp>
#include <multiprocessing/synchronize/detail/redo_log.hpp>
#include <multiprocessing/synchronize/detail/robust_lock.hpp>
#include <multiprocessing/synchronize/detail/waiting.hpp>
#include <multiprocessing/synchronize/owner_died.hpp>

#include <bit>
#include <limits>
#include <stdexcept>
#include <string>
#include <system_error>

namespace multiprocessing::detail {

struct robust_lock::steps {
    /// The half of the word that the system sleeps on: it holds bit 0, the slot and the low bits of the generation. That two
    /// words agree in this half and differ in the other costs one slice, no more.
    static const std::uint32_t* sleeping_half(const guard_header& lock) noexcept {
        return reinterpret_cast<const std::uint32_t*>(&lock.word) + (std::endian::native == std::endian::big ? 1 : 0);
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

    /// One level deeper, if the calling thread holds the lock.
    [[nodiscard]] static bool try_deepen(guard_header& lock, life_name me, std::uint64_t seen) {
        if (owner_in(seen) != me) {
            return false;
        }
        if (lock.depth == (std::numeric_limits<std::uint16_t>::max)()) {
            throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                    "multiprocessing: a lock was locked 65,536 times by one thread; release it as often");
        }
        ++lock.depth;
        return true;
    }

    /// Whoever lost so many races in a row looks at the clock before the next: who writes to the lock and is no part of the protocol may win them all.
    static constexpr int most_races = 64;

    /// Takes the lock if it is free or its owner, as `seen` in the word, is dead. When false, `seen` is what the word was last.
    [[nodiscard]] static bool try_take(guard_header& lock, std::uint64_t me_or_waiting, std::uint64_t& seen, purpose why) {
        for (int races = 0; races < most_races; ++races) {
            const life_name owner = owner_in(seen);
            if (!is_nobody(owner) && is_surely_alive(lock, owner)) {
                return false;
            }
            // The bit stays set when it was: its sleepers have not been woken.
            const std::uint64_t mine = me_or_waiting | (seen & guard_header::somebody_waits);
            if (lock.word.compare_exchange_strong(seen, mine, std::memory_order_acquire, std::memory_order_relaxed)) {
                if (!is_nobody(owner)) {
                    refuse_unless(inherit(lock), lock, why);
                }
                look_after_taking(lock, why);
                return true;
            }
        }
        return false;
    }

    /// Programs may call try_lock again and again, of a lock that somebody holds for long: a thread that was told "alive" believes it
    /// for a millisecond, and does not make a system call each time. A dead owner's lock is had as much later.
    struct asked {
        const guard_header* lock; // null where a name is the same beside all locks
        life_name owner;
        std::chrono::steady_clock::rep until;
    };
    static constinit thread_local asked last_asked;

    [[nodiscard]] static const guard_header* beside_what(const guard_header& lock, life_name owner) noexcept {
        return scope_of(owner) == life_scope::object ? &lock : nullptr;
    }
    [[nodiscard]] static bool was_alive_just_now(const guard_header& lock, life_name owner) noexcept {
        return last_asked.owner == owner && last_asked.lock == beside_what(lock, owner) &&
               std::chrono::steady_clock::now().time_since_epoch().count() < last_asked.until;
    }
    static void remember_alive(const guard_header& lock, life_name owner) noexcept {
        last_asked = {beside_what(lock, owner), owner,
                      (std::chrono::steady_clock::now() + std::chrono::milliseconds(1)).time_since_epoch().count()};
    }

    /// The calling thread has put its name in the place of a dead owner's. False when what was to be completed leads out of the object: it was not.
    [[nodiscard]] static bool inherit(guard_header& lock) noexcept {
        lock.depth = 0;
        lock.flags.fetch_or(guard_header::owner_died, std::memory_order_relaxed);
        count_dead_owner(lock); // first: waiter_table relies on it
        lock.flags.fetch_add(guard_header::one_death, std::memory_order_release);
        return redo_log::complete_in_block(lock, bytes_behind(lock));
    }

    /// One heir is told that a note was nonsense: the note is gone, and the lock has an owner that died, which the others see. Who takes the lock in order
    /// to repair is not: that is what it is about to do.
    static void refuse_unless(bool sane, guard_header& lock, purpose why) {
        if (!sane && why == purpose::use) {
            give_back(lock);
            throw LayoutError("multiprocessing: the note of a store that was under way when a lock's owner died leads out of the object: another "
                              "program has damaged it. Nothing was stored; owner_died() of the lock says that a repair is due");
        }
    }

    /// By one that has slept, and that may have been woken just before its time was over, when somebody else took the lock. Others may be asleep, and the word
    /// does not say so: it is to say so again; or one of them is woken, where there is no owner whose unlock would do it.
    static void leave_without_it(guard_header& lock) noexcept {
        std::uint64_t seen = lock.word.load(std::memory_order_relaxed);
        while (!is_nobody(owner_in(seen))) {
            if ((seen & guard_header::somebody_waits) != 0 ||
                lock.word.compare_exchange_weak(seen, seen | guard_header::somebody_waits, std::memory_order_relaxed)) {
                return;
            }
        }
        wake_one(lock);
    }

    /// Tries again while the owner is likely to be in the middle of something short. The pauses grow fast, to 512: contenders that ask
    /// often take the owner's cache line from it each time (benchmarks/locked_increment.cpp).
    [[nodiscard]] static bool spin(guard_header& lock, life_name me, purpose why) {
        return detail::spin(12, 512, [&] {
            std::uint64_t seen = lock.word.load(std::memory_order_relaxed);
            return is_nobody(seen) && try_take(lock, me, seen, why);
        });
    }
};

MULTIPROCESSING_INLINE constinit thread_local robust_lock::steps::asked robust_lock::steps::last_asked{};

[[gnu::noinline]] MULTIPROCESSING_INLINE bool robust_lock::lock_slowly(guard_header& lock, platform::deadline until, purpose why) {
    const life_name me = enrol_this_thread_for(lock);
    if (steps::try_deepen(lock, me, lock.word.load(std::memory_order_relaxed)) || steps::spin(lock, me, why)) {
        return true;
    }
    std::uint64_t mine = me;
    for (sleeping_slices slices(until);;) {
        std::uint64_t seen = lock.word.load(std::memory_order_relaxed);
        if (steps::try_take(lock, mine, seen, why)) {
            return true;
        }
        if (slices.are_over()) {
            if (mine != me) {
                steps::leave_without_it(lock);
            }
            return false;
        }
        const std::uint64_t awaited = seen | guard_header::somebody_waits;
        if (is_nobody(owner_in(seen)) ||
            (seen != awaited && !lock.word.compare_exchange_strong(seen, awaited, std::memory_order_relaxed))) {
            continue; // it changed hands meanwhile: look again before sleeping
        }
        mine = me | guard_header::somebody_waits;
        slices.sleep(steps::sleeping_half(lock), static_cast<std::uint32_t>(awaited));
    }
}

MULTIPROCESSING_INLINE bool robust_lock::try_lock_slowly(guard_header& lock) {
    std::uint64_t seen = lock.word.load(std::memory_order_relaxed);
    const life_name me = enrol_this_thread_for(lock);
    if (steps::try_deepen(lock, me, seen)) {
        return true;
    }
    if (const life_name owner = owner_in(seen); !is_nobody(owner) && steps::was_alive_just_now(lock, owner)) {
        return false;
    }
    if (steps::try_take(lock, me, seen, purpose::use)) {
        return true;
    }
    steps::remember_alive(lock, owner_in(seen));
    return false;
}

MULTIPROCESSING_INLINE std::uint16_t robust_lock::unlock_all(guard_header& lock) noexcept {
    const std::uint16_t depth = lock.depth;
    lock.depth = 0;
    unlock_owned(lock);
    return depth;
}

MULTIPROCESSING_INLINE void robust_lock::lock_again(guard_header& lock, std::uint16_t depth) {
    robust_lock::lock(lock, purpose::repair);
    lock.depth = depth;
}

MULTIPROCESSING_INLINE void robust_lock::face_death_while_waiting(guard_header& lock) {
    if (owner_has_died(lock)) [[unlikely]] {
        steps::face_death(lock, [&lock, depth = lock.depth] {
            if (!is_owner(lock)) {
                robust_lock::lock(lock, purpose::repair);
            }
            lock.depth = depth;
        });
    }
}

MULTIPROCESSING_INLINE bool robust_lock::has_dead_owner(const guard_header& lock) noexcept {
    const life_name owner = owner_in(lock.word.load(std::memory_order_relaxed));
    return !is_nobody(owner) && !is_alive(lock, owner);
}

MULTIPROCESSING_INLINE bool robust_lock::has_living_owner(const guard_header& lock) noexcept {
    const life_name owner = owner_in(lock.word.load(std::memory_order_relaxed));
    return !is_nobody(owner) && is_alive(lock, owner);
}

MULTIPROCESSING_INLINE bool robust_lock::is_sane(guard_header& lock, std::size_t offset, bool is_array, std::size_t bytes) {
    for (int races = 0; races < steps::most_races; ++races) {
        std::uint64_t seen = lock.word.load(std::memory_order_acquire);
        const life_name owner = owner_in(seen);
        if (is_nobody(owner)) {
            if (redo_log::is_clear(lock, offset, is_array) && lock.depth == 0) {
                return true;
            }
            const std::uint64_t mine = enrol_this_thread_for(lock) | (seen & guard_header::somebody_waits);
            if (!lock.word.compare_exchange_strong(seen, mine, std::memory_order_acquire, std::memory_order_relaxed)) {
                continue;
            }
            const bool sane = redo_log::is_clear(lock, offset, is_array) && lock.depth == 0;
            set_free(lock);
            return sane;
        }
        if (is_alive(lock, owner)) {
            return redo_log::has_layout(lock, offset, is_array);
        }
        const bool sane = redo_log::is_sane(lock, offset, is_array, bytes);
        if (lock.word.load(std::memory_order_acquire) == seen) { // otherwise an heir was faster
            return sane;
        }
    }
    return false; // no contenders change it so often between two looks
}

[[gnu::noinline]] MULTIPROCESSING_INLINE void robust_lock::throw_not_owner(const char* what) {
    throw std::system_error(std::make_error_code(std::errc::operation_not_permitted),
                            std::string("multiprocessing: ") + what + " of a lock that this thread does not hold");
}

[[gnu::noinline]] MULTIPROCESSING_INLINE void robust_lock::wake_one(guard_header& lock) noexcept {
    platform::wait_word::wake_one(steps::sleeping_half(lock));
}

[[gnu::noinline]] MULTIPROCESSING_INLINE void robust_lock::take_care(guard_header& lock, purpose why) {
    const std::uint8_t flags = lock.flags.load(std::memory_order_relaxed);
    if ((flags & guard_header::guards_others) != 0) {
        steps::refuse_unless(guarded_elsewhere::complete_all(lock), lock, why);
    }
    if ((flags & guard_header::owner_died) != 0 && why == purpose::use) {
        steps::face_death(lock, [&lock] { steps::give_back(lock); });
    }
}

} // namespace multiprocessing::detail
