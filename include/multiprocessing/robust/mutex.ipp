#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/robust/guarded_elsewhere.hpp>
#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/robust/mutex.hpp>
#include <multiprocessing/robust/owner_died.hpp>
#include <multiprocessing/robust/owner_died_callbacks.hpp>
#include <multiprocessing/robust/redo_log.hpp>
#include <multiprocessing/robust/waiting.hpp>

#include <bit>
#include <limits>
#include <stdexcept>
#include <string>
#include <system_error>

namespace multiprocessing::robust {

/// The slow way, one function a step.
struct mutex::steps {
    /// The half of the word that the system sleeps on: it holds bit 0, the slot and the low bits of the generation. Two
    /// words that agree in this half and differ in the other cost one slice, no more.
    static const std::uint32_t* sleeping_half(const mutex& one) noexcept {
        return reinterpret_cast<const std::uint32_t*>(&one.word) + (std::endian::native == std::endian::big ? 1 : 0);
    }

    /// The calling thread owns the mutex, which is owner_died. Before this throws, it calls `undo`.
    template <class Undo>
    static void face_death(mutex& one, Undo undo) {
        const std::uint16_t depth = one.depth;
        bool repaired = false;
        try {
            repaired = owner_died_callbacks::call_all(one);
        } catch (...) {
            undo();
            throw;
        }
        if (repaired) {
            if (!one.is_owner() || one.depth != depth) {
                undo();
                throw std::logic_error("multiprocessing: an OwnerDiedCallback must give back the lock as often as it takes it, and no more "
                                       "often");
            }
            one.make_consistent();
        } else if (one.has(throws_owner_died)) {
            undo();
            throw OwnerDied();
        }
    }

    /// Gives back all levels, if the calling thread owns it.
    static void give_back(mutex& one) noexcept {
        if (one.is_owner()) {
            one.depth = 0;
            one.unlock_owned();
        }
    }

    /// Goes one level deeper, if the calling thread owns it.
    [[nodiscard]] static bool try_deepen(mutex& one, life_id me, std::uint64_t seen) {
        if (owner_in(seen) != me) {
            return false;
        }
        if (one.depth == (std::numeric_limits<std::uint16_t>::max)()) {
            throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                    "multiprocessing: a lock was locked 65,536 times by one thread; release it as often");
        }
        ++one.depth;
        return true;
    }

    /// A contender that lost so many races in a row looks at the clock before the next: a program that writes to the word and does not follow the protocol may win them all.
    static constexpr int most_races = 64;

    /// Takes the mutex if it is free or its owner, as `seen` in the word, is dead. When false, `seen` is what the word was last.
    [[nodiscard]] static bool try_take(mutex& one, std::uint64_t me_or_waiting, std::uint64_t& seen, purpose why) {
        for (int races = 0; races < most_races; ++races) {
            const life_id owner = owner_in(seen);
            if (!owner.is_nobody() && is_surely_alive(one, owner)) {
                return false;
            }
            // The bit stays set when it was: its sleepers have not been woken.
            const std::uint64_t mine = me_or_waiting | (seen & somebody_waits);
            if (one.word.compare_exchange_strong(seen, mine, std::memory_order_acquire, std::memory_order_relaxed)) {
                if (!owner.is_nobody()) {
                    refuse_unless(inherit(one), one, why);
                }
                one.look_after_taking(why);
                return true;
            }
        }
        return false;
    }

    /// A program may call try_lock again and again while another thread owns the mutex for long: a thread that was told "alive" believes it
    /// for a millisecond, and does not make a system call each time. It takes a dead owner's mutex as much later.
    struct asked {
        const mutex* beside; // null where an id is the same beside all mutexes
        life_id owner;
        std::chrono::steady_clock::rep until;
    };
    static constinit thread_local asked last_asked;

    [[nodiscard]] static const mutex* beside_what(const mutex& one, life_id owner) noexcept {
        return owner.scope() == life_scope::object ? &one : nullptr;
    }
    [[nodiscard]] static bool was_alive_just_now(const mutex& one, life_id owner) noexcept {
        return last_asked.owner == owner && last_asked.beside == beside_what(one, owner) &&
               std::chrono::steady_clock::now().time_since_epoch().count() < last_asked.until;
    }
    static void remember_alive(const mutex& one, life_id owner) noexcept {
        last_asked = {beside_what(one, owner), owner,
                      (std::chrono::steady_clock::now() + std::chrono::milliseconds(1)).time_since_epoch().count()};
    }

    /// The calling thread has put its id in the place of a dead owner's. False when what was to be completed leads out of the object: it was not.
    [[nodiscard]] static bool inherit(mutex& one) noexcept {
        one.depth = 0;
        one.flags.fetch_or(owner_died, std::memory_order_relaxed);
        count_dead_owner(one); // first: waiter_table relies on it
        one.flags.fetch_add(one_death, std::memory_order_release);
        return redo_log::complete_in_block(one, bytes_behind(one));
    }

    /// One heir is told that a note was nonsense: the note is gone, and the mutex has an owner that died, which the others see. A thread that takes the mutex in order
    /// to repair is not told: it is about to do that.
    static void refuse_unless(bool sane, mutex& one, purpose why) {
        if (!sane && why == purpose::use) {
            give_back(one);
            throw LayoutError("multiprocessing: the note of a store that was under way when a lock's owner died leads out of the object: another "
                              "program has damaged it. Nothing was stored; owner_died() of the lock says that a repair is due");
        }
    }

    /// By a thread that slept, whose time is over, and that may have been woken just before another thread took the mutex. Others may be asleep, and the word
    /// does not say so. Either it says so again; or one of them is woken, where no owner is there whose unlock would do it.
    static void leave_without_it(mutex& one) noexcept {
        std::uint64_t seen = one.word.load(std::memory_order_relaxed);
        while (!owner_in(seen).is_nobody()) {
            if ((seen & somebody_waits) != 0 || one.word.compare_exchange_weak(seen, seen | somebody_waits, std::memory_order_relaxed)) {
                return;
            }
        }
        one.wake_one();
    }

    /// Tries again while the owner is likely to be in the middle of something short. The pauses grow fast, to 512: contenders that ask
    /// often take the owner's cache line from it each time (benchmarks/locked_increment.cpp).
    [[nodiscard]] static bool spin(mutex& one, life_id me, purpose why) {
        return robust::spin(12, 512, [&] {
            std::uint64_t seen = one.word.load(std::memory_order_relaxed);
            return life_id::of_bits(seen).is_nobody() && try_take(one, me.bits(), seen, why);
        });
    }
};

MULTIPROCESSING_INLINE constinit thread_local mutex::steps::asked mutex::steps::last_asked{};

[[gnu::noinline]] MULTIPROCESSING_INLINE bool mutex::lock_slowly(platform::deadline until, purpose why) {
    const life_id me = enrol_this_thread_for(*this);
    if (steps::try_deepen(*this, me, word.load(std::memory_order_relaxed)) || steps::spin(*this, me, why)) {
        return true;
    }
    std::uint64_t mine = me.bits();
    for (sleeping_slices slices(until);;) {
        std::uint64_t seen = word.load(std::memory_order_relaxed);
        if (steps::try_take(*this, mine, seen, why)) {
            return true;
        }
        if (slices.are_over()) {
            if (mine != me.bits()) {
                steps::leave_without_it(*this);
            }
            return false;
        }
        const std::uint64_t awaited = seen | somebody_waits;
        if (owner_in(seen).is_nobody() ||
            (seen != awaited && !word.compare_exchange_strong(seen, awaited, std::memory_order_relaxed))) {
            continue; // it changed hands meanwhile: look again before sleeping
        }
        mine = me.bits() | somebody_waits;
        slices.sleep(steps::sleeping_half(*this), static_cast<std::uint32_t>(awaited));
    }
}

MULTIPROCESSING_INLINE bool mutex::try_lock_slowly() {
    std::uint64_t seen = word.load(std::memory_order_relaxed);
    const life_id me = enrol_this_thread_for(*this);
    if (steps::try_deepen(*this, me, seen)) {
        return true;
    }
    if (const life_id taken_by = owner_in(seen); !taken_by.is_nobody() && steps::was_alive_just_now(*this, taken_by)) {
        return false;
    }
    if (steps::try_take(*this, me.bits(), seen, purpose::use)) {
        return true;
    }
    steps::remember_alive(*this, owner_in(seen));
    return false;
}

MULTIPROCESSING_INLINE std::uint16_t mutex::unlock_all() noexcept {
    const std::uint16_t levels = depth;
    depth = 0;
    unlock_owned();
    return levels;
}

MULTIPROCESSING_INLINE void mutex::lock_again(std::uint16_t levels) {
    lock(purpose::repair);
    depth = levels;
}

MULTIPROCESSING_INLINE void mutex::face_death_while_waiting() {
    if (owner_has_died()) [[unlikely]] {
        steps::face_death(*this, [this, levels = depth] {
            if (!is_owner()) {
                lock(purpose::repair);
            }
            depth = levels;
        });
    }
}

MULTIPROCESSING_INLINE bool mutex::has_dead_owner() const noexcept {
    const life_id taken_by = owner();
    return !taken_by.is_nobody() && !is_alive(*this, taken_by);
}

MULTIPROCESSING_INLINE bool mutex::has_living_owner() const noexcept {
    const life_id taken_by = owner();
    return !taken_by.is_nobody() && is_alive(*this, taken_by);
}

MULTIPROCESSING_INLINE bool mutex::is_sane(std::size_t offset, bool is_array, std::size_t bytes) {
    for (int races = 0; races < steps::most_races; ++races) {
        std::uint64_t seen = word.load(std::memory_order_acquire);
        const life_id taken_by = owner_in(seen);
        if (taken_by.is_nobody()) {
            if (redo_log::is_clear(*this, offset, is_array) && depth == 0) {
                return true;
            }
            const std::uint64_t mine = enrol_this_thread_for(*this).bits() | (seen & somebody_waits);
            if (!word.compare_exchange_strong(seen, mine, std::memory_order_acquire, std::memory_order_relaxed)) {
                continue;
            }
            const bool sane = redo_log::is_clear(*this, offset, is_array) && depth == 0;
            set_free();
            return sane;
        }
        if (is_alive(*this, taken_by)) {
            return redo_log::has_layout(*this, offset, is_array);
        }
        const bool sane = redo_log::is_sane(*this, offset, is_array, bytes);
        if (word.load(std::memory_order_acquire) == seen) { // otherwise an heir was faster
            return sane;
        }
    }
    return false; // no contenders change it so often between two looks
}

[[gnu::noinline]] MULTIPROCESSING_INLINE void mutex::throw_not_owner(const char* what) {
    throw std::system_error(std::make_error_code(std::errc::operation_not_permitted),
                            std::string("multiprocessing: ") + what + " of a lock that this thread does not hold");
}

[[gnu::noinline]] MULTIPROCESSING_INLINE void mutex::wake_one() noexcept { platform::wait_word::wake_one(steps::sleeping_half(*this)); }

[[gnu::noinline]] MULTIPROCESSING_INLINE void mutex::take_care(purpose why) {
    if (has(guards_others)) {
        steps::refuse_unless(guarded_elsewhere::complete_all(*this), *this, why);
    }
    if (has(owner_died) && why == purpose::use) {
        steps::face_death(*this, [this] { steps::give_back(*this); });
    }
}

} // namespace multiprocessing::robust
