#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "robust_lock.hpp"

/// \file
/// What a condition knows of its waiters: synchronize/detail/waiter_table.

namespace models {

/// What may be taken out of the condition.
struct condition_how {
    bool counts_deaths = true;          // by an heir of the lock
    int deaths_modulo = 16;
    bool counts_in_registry = true;     // without end, as well
    bool counts_in_registry_first = true;
    bool settles_deaths = true;         // by notifying all, not by a note alone
    bool passes_on = true;              // a dead waiter's notification
    bool looks_for_dead_owner = true;   // in a slice
    bool looks_for_deaths = true;       // in a slice
    bool looks_for_dead_waiters = true; // in a slice
    bool frees_place_with_lock = true;
};

/// Threads that wait until there is an item, and take it, and others that bring one and notify. There is an end when all are done, or when who
/// waits does so rightly: there is no item.
///
/// Not here: who is the oldest, as any one is notified, so that what holds does for every order; how many places were used, as all are looked at;
/// that a waiter gives up the lock after a slice of waiting for it in look_after, and comes again. What changes under the lock alone is read by its owner
/// in the step of the next store, as nobody can come between: items, deaths, settled, names, and whether a state is `notified`.
struct condition {
    static constexpr int threads = 3;
    enum : std::uint8_t { word, deaths, settled, dead_owners, dead_owners_settled, items, names, states = names + 2, places_count = states + 2 };
    static constexpr const char* places[]{"word",  "deaths", "settled", "dead owners", "dead owners settled",
                                          "items", "name 1", "name 2",  "state 1",     "state 2"};
    using shared_memory = memory<places_count, threads>;
    enum : std::uint8_t { waiting, asleep, notified };

    static inline condition_how how;
    static inline const lock_how lock_is = without_sleep();
    static inline int waiters = 2; // of the threads; the others notify
    static inline int first_to_die = 0; // of the threads; those before it do not, where a fault needs only that
    static inline int last_to_die = threads - 1;
    static inline int bystanders = 0; // the last: they take the lock, and have nothing to do with the condition
    static inline bool begins_waiting = false; // the waiters have their places already

    shared_memory shared{{0, 0, 0, 0, 0, 0, begins_waiting ? 1 : 0, begins_waiting ? 2 : 0, 0, 0}};

    struct program {
        lock_program<shared_memory> lock;
        std::uint16_t pc = 0;
        std::uint16_t pc_of_lock = 0;
        std::uint16_t pc_of_settle = 0;
        std::uint8_t place = 0;
        std::uint8_t seen = 0;
        std::uint8_t each = 0;
        std::uint8_t passes = 0;
        std::uint8_t chosen = 0;
        std::uint8_t begins = begins_waiting ? 1 : 0;
        std::uint8_t waits = begins_waiting ? 1 : 0; // it does not have the lock, and waits to be notified
        std::uint8_t unused = 0; // every byte is part of the state
    };
    std::array<program, threads> programs{};
    // What only the model knows.
    std::uint8_t notifications = 0;
    std::uint8_t wake_ups = 0;

    outcome step(int me, choices& any) {
        program& self = programs[static_cast<std::size_t>(me)];
        return me < waiters ? take_item(self, me, any) : me < threads - bystanders ? bring_item(self, me, any) : stand_by(self, me, any);
    }

    /// robust_lock::lock, with what steps::inherit counts.
    outcome lock(program& self, int me, choices& any) {
        std::uint16_t& pc = self.pc_of_lock;
        MODEL_BEGIN
        MODEL_CALL(self.lock.lock(shared, me, word, lock_is, any))
        if (self.lock.owner != 0 && how.counts_deaths) {
            if (how.counts_in_registry && how.counts_in_registry_first) {
                MODEL_STEP count_dead_owner(me, any);
            }
            MODEL_STEP static_cast<void>(shared.read_modify_write(
                me, deaths, [](int old) { return (old + 1) % how.deaths_modulo; }, order::release, any));
            if (how.counts_in_registry && !how.counts_in_registry_first) {
                MODEL_STEP count_dead_owner(me, any);
            }
        }
        self.lock = {};
        MODEL_END
    }
    void count_dead_owner(int me, choices& any) {
        static_cast<void>(shared.read_modify_write(me, dead_owners, [](int old) { return old + 1; }, order::relaxed, any));
    }
    void unlock(int me, choices& any) { static_cast<void>(lock_program<shared_memory>::set_free(shared, me, word, lock_is, any)); }

    outcome take_item(program& self, int me, choices& any) {
        std::uint16_t& pc = self.pc;
        MODEL_BEGIN
        if (self.begins == 0) {
            MODEL_CALL(lock(self, me, any))
        }
        for (;;) {
            if (self.begins == 0) {
                MODEL_STEP self.seen = load(me, items, order::relaxed, any);
                if (self.seen != 0) {
                    break;
                }
                // waiter_table::wait_until
                MODEL_CALL(settle(self, me, any, false))
                MODEL_STEP self.place = load(me, names, order::relaxed, any) == 0 ? 0 : 1; // take_place
                shared.store(me, states + self.place, waiting, order::relaxed, any);
                MODEL_STEP shared.store(me, names + self.place, me + 1, order::release, any);
                MODEL_STEP unlock(me, any);
                self.waits = 1;
            } else {
                self.begins = 0;
                self.place = static_cast<std::uint8_t>(me);
            }
            for (;;) {
                MODEL_STEP if (load(me, states + self.place, order::acquire, any) == notified) {
                    break;
                }
                // look_after
                self.seen = 0;
                if (how.looks_for_dead_owner) { // robust_lock::has_dead_owner
                    MODEL_STEP self.seen = load(me, word, order::relaxed, any);
                    if (self.seen != 0) {
                        MODEL_STEP self.seen = shared.is_gone(me, lock_program<shared_memory>::thread_of(self.seen)) ? 1 : 0;
                    }
                }
                if (self.seen == 0 && how.looks_for_deaths) { // is_settled
                    MODEL_STEP self.passes = load(me, settled, order::acquire, any);
                    MODEL_STEP self.seen = load(me, deaths, order::acquire, any) != self.passes ? 1 : 0;
                    if (self.seen == 0) {
                        MODEL_STEP self.passes = load(me, dead_owners, order::acquire, any);
                        MODEL_STEP self.seen = is_far_behind(self.passes, me, any) ? 1 : 0;
                    }
                    self.passes = 0;
                }
                if (self.seen == 0 && how.looks_for_dead_waiters) { // is_notified_and_dead; who asks is not dead
                    self.each = static_cast<std::uint8_t>(1 - self.place);
                    MODEL_STEP self.seen = load(me, states + self.each, order::relaxed, any) == notified ? 1 : 0;
                    if (self.seen != 0) {
                        MODEL_STEP self.seen = load(me, names + self.each, order::acquire, any);
                    }
                    if (self.seen != 0) {
                        MODEL_STEP self.seen = shared.is_gone(me, self.seen - 1) ? 1 : 0;
                    }
                    self.each = 0;
                }
                if (self.seen != 0) {
                    self.seen = 0;
                    MODEL_CALL(lock(self, me, any))
                    MODEL_CALL(settle(self, me, any, true))
                    MODEL_STEP unlock(me, any);
                }
                MODEL_STEP self.seen = waiting;
                static_cast<void>(shared.compare_exchange(me, states + self.place, self.seen, asleep, order::acq_rel, any));
                self.seen = 0;
            }
            if (!how.frees_place_with_lock) {
                MODEL_STEP shared.store(me, names + self.place, 0, order::release, any);
            }
            self.waits = 0;
            MODEL_CALL(lock(self, me, any)) // lock_again
            ++wake_ups;
            if (how.frees_place_with_lock) {
                MODEL_STEP shared.store(me, names + self.place, 0, order::release, any);
            }
            self.place = 0;
        }
        shared.store(me, items, self.seen - 1, order::relaxed, any);
        MODEL_STEP unlock(me, any);
        MODEL_END
    }

    outcome bring_item(program& self, int me, choices& any) {
        std::uint16_t& pc = self.pc;
        MODEL_BEGIN
        MODEL_CALL(lock(self, me, any))
        MODEL_STEP self.seen = load(me, items, order::relaxed, any);
        shared.store(me, items, self.seen + 1, order::relaxed, any);
        self.seen = 0;
        // waiter_table::notify
        MODEL_CALL(settle(self, me, any, false))
        MODEL_STEP choose_waiter(self, me, any);
        if (self.chosen != none) {
            notify_one(self.chosen, me, any);
            ++notifications;
        }
        self.chosen = 0;
        MODEL_STEP unlock(me, any);
        MODEL_END
    }

    outcome stand_by(program& self, int me, choices& any) {
        std::uint16_t& pc = self.pc;
        MODEL_BEGIN
        MODEL_CALL(lock(self, me, any))
        MODEL_STEP unlock(me, any);
        MODEL_END
    }

    /// Who has asked for the dead just now may leave them to later; not who saw one.
    outcome settle(program& self, int me, choices& any, bool frees_the_dead) {
        std::uint16_t& pc = self.pc_of_settle;
        MODEL_BEGIN
        self.seen = load(me, deaths, order::acquire, any);
        if (load(me, settled, order::relaxed, any) != self.seen || is_far_behind(load(me, dead_owners, order::acquire, any), me, any)) {
            for (self.each = 0; self.each < 2; ++self.each) {
                if (how.settles_deaths && is_waiting(self.each, me, any)) {
                    notify_one(self.each, me, any);
                    MODEL_STEP;
                }
            }
            MODEL_STEP self.seen = load(me, dead_owners, order::acquire, any);
            shared.store(me, dead_owners_settled, self.seen, order::relaxed, any);
            MODEL_STEP self.seen = load(me, deaths, order::acquire, any);
            shared.store(me, settled, self.seen, order::release, any);
            MODEL_STEP;
        }
        for (self.each = frees_the_dead || any.choose(2) == 0 ? 0 : 2; self.each < 2; ++self.each) {
            self.seen = load(me, names + self.each, order::acquire, any);
            if (self.seen != 0) {
                MODEL_STEP if (shared.is_gone(me, self.seen - 1)) { // is_of_dead
                    MODEL_STEP self.passes = load(me, states + self.each, order::relaxed, any) == notified ? 1 : 0;
                    shared.store(me, states + self.each, notified, order::relaxed, any);
                    if (self.passes != 0 && how.passes_on) {
                        MODEL_STEP choose_waiter(self, me, any); // notify_oldest
                        if (self.chosen != none) {
                            notify_one(self.chosen, me, any);
                        }
                    }
                    self.passes = self.chosen = 0;
                    MODEL_STEP shared.store(me, names + self.each, 0, order::release, any);
                }
                MODEL_STEP;
            }
        }
        self.each = self.seen = 0;
        MODEL_END
    }

    bool is_far_behind(int counted, int me, choices& any) {
        return counted >= load(me, dead_owners_settled, order::relaxed, any) + how.deaths_modulo;
    }

    static constexpr std::uint8_t none = 0xff;

    bool is_waiting(int place, int me, choices& any) {
        return load(me, names + place, order::relaxed, any) != 0 && load(me, states + place, order::relaxed, any) != notified;
    }
    void choose_waiter(program& self, int me, choices& any) {
        const bool first = is_waiting(0, me, any);
        const bool second = is_waiting(1, me, any);
        self.chosen = !first && !second ? none : static_cast<std::uint8_t>(first && second ? any.choose(2) : second ? 1 : 0);
    }
    void notify_one(int place, int me, choices& any) {
        static_cast<void>(shared.exchange(me, states + place, notified, order::acq_rel, any));
    }
    [[nodiscard]] std::uint8_t load(int me, int place, order as, choices& any) {
        return static_cast<std::uint8_t>(shared.load(me, place, as, any));
    }

    static bool may_die(int thread) { return thread >= first_to_die && thread <= last_to_die; }
    void forget(const std::array<bool, threads>& acts) { forget_programs(programs, acts); }
    [[nodiscard]] bool is_end(const std::array<bool, threads>& acts) const {
        if (nobody_acts(acts)) {
            return true;
        }
        for (int thread = 0; thread < threads; ++thread) {
            if (acts[static_cast<std::size_t>(thread)] && programs[static_cast<std::size_t>(thread)].waits == 0) {
                return false;
            }
        }
        return shared.newest(items) == 0;
    }
    [[nodiscard]] const char* wrong(bool) const {
        bool any_died = false;
        for (int thread = 0; thread < threads; ++thread) {
            any_died = any_died || shared.is_dead(thread);
        }
        return !any_died && wake_ups > notifications ? "one notification wakes two" : nullptr;
    }

    template <class Sink>
    void write_to(Sink& sink) const {
        sink(&programs, sizeof(programs));
        sink(&notifications, 1);
        sink(&wake_ups, 1);
    }
    static std::string*& log() {
        shared_memory::place_names = places;
        return shared_memory::log;
    }
};

} // namespace models
