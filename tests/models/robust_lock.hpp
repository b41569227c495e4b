#pragma once

#include <array>
#include <cstdint>

#include "explorer.hpp"

/// \file
/// The lock, and its hand-over: robust/mutex.

namespace models {

/// What may be taken out of the lock.
struct lock_how {
    order taking = order::acquire;
    order giving = order::release;
    bool asks_who_lives = true;
    bool heir_compares = true;
    bool bit_is_kept = true;       // by who acquires after it has slept
    bool slices = true;            // a sleep ends by itself
    bool wakes = true;
    bool kernel_orders = true;     // "gone" is an acquire
    bool sets_bit = true;          // in the models of what lies above the lock nobody does, as nobody needs to be woken
};
[[nodiscard]] inline lock_how without_sleep() {
    lock_how how;
    how.sets_bit = false;
    return how;
}

/// Mirrors robust_lock::lock and unlock, line by line. Not here: what one thread does by itself (depth), and spinning, which is the loop below
/// without its sleep. A thread is its process; who lives is asked of the kernel at once (life_registry.hpp has the model of the names).
template <class Shared>
struct lock_program {
    std::uint16_t pc = 0;
    std::uint8_t seen = 0;
    std::uint8_t mine = 0;
    std::uint8_t owner = 0;
    std::uint8_t is_asleep = 0;

    static constexpr std::uint8_t somebody_waits = 1;
    static constexpr std::uint8_t name_of(int thread) { return static_cast<std::uint8_t>(2 * (thread + 1)); }
    static constexpr int thread_of(int name) { return name / 2 - 1; }

    /// `owner` is that of a dead one afterwards if it was inherited from, and 0 if the lock was free.
    outcome lock(Shared& shared, int me, int word, const lock_how& how, choices& any) {
        MODEL_BEGIN
        // try_take_free
        seen = owner = 0;
        if (shared.compare_exchange(me, word, seen, name_of(me), how.taking, any)) {
            return outcome::done;
        }
        mine = name_of(me);
        for (;;) { // lock_slowly
            seen = owner = 0; // nobody uses them before they are read again: states that differ in them alone are one
            MODEL_STEP seen = static_cast<std::uint8_t>(shared.load(me, word, order::relaxed, any));
            for (;;) { // steps::try_take
                owner = seen & static_cast<std::uint8_t>(~somebody_waits);
                if (owner != 0) {
                    MODEL_STEP
                    if (!how.asks_who_lives || !shared.is_gone(me, thread_of(owner), how.kernel_orders)) {
                        break;
                    }
                }
                MODEL_STEP
                if (owner != 0 && !how.heir_compares) {
                    shared.store(me, word, mine | (seen & somebody_waits), order::acq_rel, any);
                } else if (!shared.compare_exchange(me, word, seen, mine | (seen & somebody_waits), how.taking, any)) {
                    continue;
                }
                pc = 0;
                return outcome::done;
            }
            if (how.sets_bit && (seen & somebody_waits) == 0) {
                MODEL_STEP
                if (!shared.compare_exchange(me, word, seen, seen | somebody_waits, order::relaxed, any)) {
                    continue; // it changed hands meanwhile: look again before sleeping
                }
            }
            if (how.sets_bit && how.bit_is_kept) {
                mine = name_of(me) | somebody_waits;
            }
            if (!how.slices) { // otherwise to sleep is to do nothing, for as long as it takes
                // futex: the system looks at the word and puts the thread to sleep in one step
                MODEL_STEP shared.access();
                is_asleep = shared.newest(word) == (name_without_bit() | somebody_waits) ? 1 : 0;
                if (is_asleep != 0) {
                    MODEL_STEP
                    if (is_asleep != 0) {
                        MODEL_BLOCK;
                    }
                    shared.access();
                }
            }
        }
        MODEL_END
    }

    /// What was in the word: whether somebody is to be woken (`wake_one`, a step of its own).
    static bool set_free(Shared& shared, int me, int word, const lock_how& how, choices& any) {
        return (shared.exchange(me, word, 0, how.giving, any) & somebody_waits) != 0;
    }

private:
    [[nodiscard]] int name_without_bit() const { return seen & ~somebody_waits; }
};

/// Threads that take the lock, add one to a number that it guards, and give it back.
struct hand_over {
    static constexpr int threads = 3;
    static constexpr int word = 0;
    static constexpr int number = 1;
    static constexpr const char* places[]{"word", "number"};
    using shared_memory = memory<2, threads>;

    static inline lock_how how;
    static inline std::uint8_t rounds = 1;

    shared_memory shared{{0, 0}};

    struct program {
        lock_program<shared_memory> lock;
        std::uint16_t pc = 0;
        std::uint8_t read = 0;
        std::uint8_t round = 0;
        std::uint8_t added = 0;
        std::uint8_t is_inside = 0;
    };
    std::array<program, threads> programs{};
    std::uint8_t has_two_owners = 0;

    outcome step(int me, choices& any) { return run(programs[static_cast<std::size_t>(me)], me, any); }

    outcome run(program& self, int me, choices& any) {
        std::uint16_t& pc = self.pc;
        MODEL_BEGIN
        for (self.round = 0; self.round < rounds; ++self.round) {
            MODEL_CALL(self.lock.lock(shared, me, word, how, any))
            for (int other = 0; other < threads; ++other) {
                if (programs[static_cast<std::size_t>(other)].is_inside != 0 && !shared.is_dead(other)) {
                    has_two_owners = 1;
                }
            }
            self.is_inside = 1;
            self.lock = {};
            MODEL_STEP self.read = static_cast<std::uint8_t>(shared.load(me, number, order::relaxed, any));
            MODEL_STEP shared.store(me, number, self.read + 1, order::relaxed, any);
            ++self.added;
            self.read = 0;
            MODEL_STEP self.is_inside = 0;
            if (lock_program<shared_memory>::set_free(shared, me, word, how, any) && how.wakes && !how.slices) {
                MODEL_STEP wake_one(any);
            }
        }
        MODEL_END
    }

    void wake_one(choices& any) {
        shared.access();
        int sleepers[threads];
        int count = 0;
        for (int other = 0; other < threads; ++other) {
            if (programs[static_cast<std::size_t>(other)].lock.is_asleep != 0) { // also one that is dead: a wake-up may be wasted
                sleepers[count++] = other;
            }
        }
        if (count > 0) {
            programs[static_cast<std::size_t>(sleepers[any.choose(count)])].lock.is_asleep = 0;
        }
    }

    static bool may_die(int) { return true; }
    void forget(const std::array<bool, threads>& acts) {
        for (int thread = 0; thread < threads; ++thread) {
            if (!acts[static_cast<std::size_t>(thread)]) {
                program& one = programs[static_cast<std::size_t>(thread)];
                one.lock = {};
                one.pc = one.read = one.round = one.is_inside = 0;
            }
        }
    }
    static bool is_end(const std::array<bool, threads>& acts) { return nobody_acts(acts); }

    [[nodiscard]] const char* wrong(bool all_done) const {
        if (has_two_owners != 0) {
            return "the lock has two owners";
        }
        int least = 0;
        int most = 0;
        for (int thread = 0; thread < threads; ++thread) {
            const int added = programs[static_cast<std::size_t>(thread)].added;
            least += shared.is_dead(thread) ? 0 : added;
            most += added;
        }
        return all_done && (shared.newest(number) < least || shared.newest(number) > most) ? "an addition is lost" : nullptr;
    }

    template <class Sink>
    void write_to(Sink& sink) const {
        sink(&programs, sizeof(programs));
        sink(&has_two_owners, 1);
    }
    static std::string*& log() {
        shared_memory::place_names = places;
        return shared_memory::log;
    }
};

} // namespace models
