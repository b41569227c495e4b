#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/robust/mutex.hpp>
#include <multiprocessing/robust/mutex_state.hpp>
#include <multiprocessing/robust/waiting.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <system_error>

/// \file
/// A condition, as it lies in shared memory: who waits for it.

namespace multiprocessing::detail {

/// Behind the table lie the places of the waiters. The table is changed under the condition's lock alone, which is another block's. The protocol:
///   wait:    settle; take a place: ticket, state `waiting`, and last my name. Give the lock back, all levels. Sleep on the place's state until it
///            is `notified`, or until the time is up. Lock again; whether it is `notified` is the result; name 0.
///   notify:  settle; n times: of those who are not `notified` the one with the lowest ticket: state `notified`, wake it.
///   settle:  if an owner of the lock has died since this was done last, notify all. Then free each place of a dead waiter; if it was
///            `notified`, notify another in its stead. (A thread that did this second part less than a millisecond ago leaves it to later: to ask who lives
///            is a system call for each place. Who died meanwhile is treated as one who dies between here and the next step.)
///   slice:   a waiter that finds the lock's owner dead, a death that was not settled, or a dead waiter that is `notified`, locks and settles.
///
/// Invariant: *a notification is never lost beside a sleeper.* It is in the hands of a notifier, which holds the lock; of a waiter that is
/// `notified`, and has its name in a place; or of one that returned from wait and has not given the lock back since. Interruptions:
/// * Killed with the lock held, whatever for (in the middle of any step above, or after wait returned and before what was notified was used):
///   the heir of the lock counts one more death, and whoever comes first, a waiter in its slice at the latest, notifies all. So the steps
///   under the lock may be left half-done: what they did not do is done by those who look again.
/// * Killed while `notified` and not yet the lock's owner: its place has the name of a dead thread, and the next to settle passes it on.
/// * Killed while waiting: its place is freed by the next to settle, and is never counted as notified.
/// * A waiter that cannot have the lock again, because nobody can be asked who lives, gives its place the name of a dead thread, and is treated as one.
/// * A notifier that is killed between a state and its wake holds the lock, and the sleeper looks at its state at the end of its slice.
/// * The lock counts deaths modulo 16. So does its registry, without end, those of all its locks; and an heir counts there first. So when the lock's count is
///   what it was, and the registry's has not grown by 16, no owner of this lock died. If it has, all are notified: once for 16 deaths, of whatever locks.
/// Nobody waits for a waiter to answer: it may be frozen for ever with its notification, as it may be with the lock.
struct alignas(64) waiter_table {
    struct alignas(32) waiter {
        /// 0: the place is free. Written last when it is taken, and the only thing that is written when it is freed.
        std::atomic<robust::life_id> id;
        /// Later waiters have higher ones.
        std::atomic<std::uint64_t> ticket;
        std::atomic<std::uint32_t> state;
    };

    robust::mutex header; // the lock of a named condition that has one of its own; of others it is in another block, and this not used
    std::uint32_t capacity; // for those who open it, and people
    /// No place from this one on was ever taken.
    std::atomic<std::uint32_t> high_water{0};
    /// mutex::deaths() of the lock when settled last.
    std::atomic<std::uint32_t> deaths_settled;
    std::atomic<std::uint64_t> last_ticket{0};
    /// count_of_dead_owners() of the lock when settled last.
    std::atomic<std::uint64_t> dead_owners_settled{0};
    /// Of a named condition: which lock, where it is not its own.
    std::uint64_t lock_of_another;

    static constexpr std::uint32_t fewest = 1;
    static constexpr std::uint32_t most = 4096;

    using place = waiter;
    /// All places, as the handle knows them.
    using place_span = std::span<waiter>;

    waiter_table(std::uint32_t places, const robust::mutex& lock, std::uint64_t number_of_lock = 0) noexcept
        : header{}, capacity(places), deaths_settled(lock.deaths()), lock_of_another(number_of_lock) {}

    [[nodiscard]] std::uint32_t count() const noexcept { return capacity; }

    /// How many wait and are not notified, for whom it may concern.
    [[nodiscard]] std::size_t waiting_count(place_span places) noexcept {
        return static_cast<std::size_t>(std::ranges::count_if(used(places), is_waiting));
    }

    /// By the owner of the lock, who is so again when it returns, or throws because an owner died meanwhile. Whether it was notified. Throws also what
    /// taking the lock throws where nobody can be asked who lives: then it is not the owner, and no waiter.
    [[nodiscard]] bool wait_until(place_span places, robust::mutex& lock, platform::deadline until) {
        settle(places, lock);
        waiter& mine = take_place(places); // which settles once more where there is none
        const bool death_is_known = lock.owner_has_died();
        const std::uint16_t depth = lock.unlock_all();
        const auto is_notified = [&] { return mine.state.load(std::memory_order_acquire) == notified; };
        static_cast<void>(robust::wait_in_slices(robust::address_of(mine.state), until, is_notified, [&] {
            look_after(places, lock, until);
            std::uint32_t state = waiting;
            mine.state.compare_exchange_strong(state, asleep);
            return asleep;
        }));
        try {
            lock.lock_again(depth);
        } catch (...) { // nobody can be asked who lives: this thread leaves as a dead one does, and its notification is passed on
            mine.id.store(mine.id.load(std::memory_order_relaxed).of_nobody_living(), std::memory_order_release);
            throw;
        }
        const bool result = is_notified();
        mine.id.store({}, std::memory_order_release);
        if (!death_is_known) {
            lock.face_death_while_waiting();
        }
        return result;
    }

    /// By the owner of the lock.
    void notify(place_span places, robust::mutex& lock, std::size_t count) noexcept {
        settle(places, lock);
        count = (std::min)(count, places.size()); // also where somebody puts waiters there for ever
        while (count != 0 && notify_oldest(places)) {
            --count;
        }
    }

private:
    static constexpr std::uint32_t waiting = 0;
    static constexpr std::uint32_t asleep = 1; // waiting, and to be woken
    static constexpr std::uint32_t notified = 2;

    [[nodiscard]] place_span used(place_span places) const noexcept {
        return places.first((std::min<std::size_t>)(high_water.load(std::memory_order_acquire), places.size()));
    }

    static bool is_waiting(const waiter& one) noexcept {
        return one.id.load(std::memory_order_relaxed) && one.state.load(std::memory_order_relaxed) != notified;
    }
    [[nodiscard]] bool is_of_dead(const waiter& one) const noexcept {
        const robust::life_id id = one.id.load(std::memory_order_acquire);
        return id && !robust::is_alive(header, id);
    }
    [[nodiscard]] bool is_notified_and_dead(const waiter& one) const noexcept {
        return one.state.load(std::memory_order_relaxed) == notified && is_of_dead(one);
    }

    /// After `settle`, which has freed those of the dead.
    [[nodiscard]] waiter& take_place(place_span places) {
        const place_span taken = used(places);
        const auto first = std::ranges::find(taken, robust::life_id(), [](const waiter& one) { return one.id.load(std::memory_order_relaxed); });
        const auto number = static_cast<std::size_t>(first - taken.begin());
        if (number == taken.size()) {
            if (number == places.size() && free_the_dead(places)) {
                return take_place(places);
            }
            if (number == places.size()) {
                throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                        "multiprocessing: " + std::to_string(places.size()) +
                                            " threads wait for this Condition already; make it with room for more: Condition(lock, waiters)");
            }
            high_water.store(static_cast<std::uint32_t>(number + 1), std::memory_order_release);
        }
        waiter& free = places[number];
        last_ticket.fetch_add(1, std::memory_order_relaxed);
        free.ticket.store(last_ticket.load(std::memory_order_relaxed), std::memory_order_relaxed);
        free.state.store(waiting, std::memory_order_relaxed);
        free.id.store(robust::enrol_this_thread_for(header), std::memory_order_release);
        return free;
    }

    static void notify_one(waiter& one) noexcept {
        if (one.state.exchange(notified, std::memory_order_acq_rel) == asleep) {
            platform::wait_word::wake_one(robust::address_of(one.state));
        }
    }

    bool notify_oldest(place_span places) const noexcept {
        waiter* oldest = nullptr;
        for (waiter& each : used(places)) {
            if (is_waiting(each) && (oldest == nullptr || each.ticket.load(std::memory_order_relaxed) <
                                                              oldest->ticket.load(std::memory_order_relaxed))) {
                oldest = &each;
            }
        }
        if (oldest != nullptr) {
            notify_one(*oldest);
        }
        return oldest != nullptr;
    }

    [[nodiscard]] bool is_settled(const robust::mutex& lock) const noexcept {
        return deaths_settled.load(std::memory_order_acquire) == lock.deaths() &&
               robust::count_of_dead_owners(lock) < dead_owners_settled.load(std::memory_order_relaxed) + robust::mutex::deaths_counted;
    }

    void settle(place_span places, const robust::mutex& lock) noexcept {
        notify_all_after_death(places, lock);
        if (last_asked.table != this || platform::clock::now() >= last_asked.until) {
            static_cast<void>(free_the_dead(places));
        }
    }

    void notify_all_after_death(place_span places, const robust::mutex& lock) noexcept {
        if (!is_settled(lock)) [[unlikely]] {
            const std::uint64_t dead_owners = robust::count_of_dead_owners(lock);
            for (waiter& each : used(places)) {
                if (is_waiting(each)) {
                    notify_one(each);
                }
            }
            dead_owners_settled.store(dead_owners, std::memory_order_relaxed);
            deaths_settled.store(lock.deaths(), std::memory_order_release);
        }
    }

    /// Whether there was one.
    [[nodiscard]] bool free_the_dead(place_span places) noexcept {
        bool found = false;
        bool asked = false;
        for (waiter& each : used(places)) {
            if (!each.id.load(std::memory_order_relaxed)) {
                continue;
            }
            asked = true;
            if (is_of_dead(each)) [[unlikely]] {
                const bool pass_on = each.state.load(std::memory_order_relaxed) == notified;
                each.state.store(notified, std::memory_order_relaxed); // it is not to be chosen
                if (pass_on) {
                    notify_oldest(places);
                }
                each.id.store({}, std::memory_order_release);
                found = true;
            }
        }
        if (asked) {
            last_asked = {this, platform::clock::now() + std::chrono::milliseconds(1)};
        }
        return found;
    }

    /// What this thread asked last.
    struct asking {
        const waiter_table* table;
        platform::deadline until;
    };
    static inline constinit thread_local asking last_asked{};

    /// By a waiter, which does not hold the lock. It waits for the lock for a slice at most, which costs it nothing: to return it needs
    /// the lock as well. It takes it in order to settle: whether it may use what the lock guards is asked when it returns from wait.
    void look_after(place_span places, robust::mutex& lock, platform::deadline until) {
        if (lock.has_dead_owner() || !is_settled(lock) ||
            std::ranges::any_of(used(places), [this](const waiter& one) { return is_notified_and_dead(one); })) [[unlikely]] {
            const auto slice_end = platform::clock::now() + robust::sleeping_slices::longest;
            try {
                if (lock.try_lock_until((std::min)(until, slice_end), robust::purpose::repair)) {
                    notify_all_after_death(places, lock);
                    static_cast<void>(free_the_dead(places)); // whatever was asked just now: it saw one
                    lock.unlock_owned();
                }
            } catch (const std::exception&) { // nobody can be asked who lives: it goes on waiting, and hears of it when it takes the lock again
            }
        }
    }
};

static_assert(sizeof(waiter_table) == 64 && sizeof(waiter_table::waiter) == 32 && offsetof(waiter_table, capacity) == 16 &&
              std::atomic<robust::life_id>::is_always_lock_free);

} // namespace multiprocessing::detail
