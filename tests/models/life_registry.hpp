#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "explorer.hpp"

/// \file
/// The claim of a slot, and the question who lives: robust/life_registry.

namespace models {

/// What may be taken out of the registry.
struct registry_how {
    bool fence_behind_name = true;             // when it has been given
    bool fence_before_question = true;
    order asking = order::acquire;             // the first look at the generation
    order moving_on = order::acq_rel;          // a dead bearer's generation, by the claimer
    order asker_moves_on = order::acq_rel;     // the same, by the asker
    order resigning = order::acq_rel;          // the generation of who goes
    bool reads_generation_first = true;        // when it claims
    bool moves_on_first = true;                // the generation, before the claim
    bool claim_compares = true;
    bool resigns_generation_first = true;
    bool looks_again = true;                   // at the generation, before it says "held"
    bool thread_cleared_before_claim = false;  // as it was until these models were made
    bool kernel_orders = true;                 // "gone" is an acquire
};

/// One slot. Thread 0 takes it, puts its name into a word, as who takes a lock does, writes something for its heirs, and goes, or dies. The next,
/// `claimers` in number, want the slot, each once. The last, `askers` in number, find the name in the word, as who waits for a lock does, and ask until they
/// are told that its bearer is gone.
///
/// Each thread is a process of its own, whose number is one more than the thread's; who is stopped holds its token.
struct life_registry {
    static constexpr int threads = 4;
    enum : std::uint8_t { process, generation, thread_number, word, data, places_count };
    static constexpr const char* places[]{"process", "generation", "thread", "word", "data"};
    using shared_memory = memory<places_count, threads>;

    static inline registry_how how;
    static inline int claimers = 2;
    static inline int askers = 1;

    shared_memory shared{{0, 0, 0, 0, 0}};

    struct program {
        std::uint16_t pc = 0;
        std::uint16_t pc_of_claim = 0;
        std::uint8_t seen_generation = 0;
        std::uint8_t seen_process = 0;
        std::uint8_t name = 0; // the generation that it was given; 0: none
        std::uint8_t was_dead = 0;
    };
    std::array<program, threads> programs{};
    // What only the model knows.
    std::uint8_t bearer = none;   // of the newest name, from the moment at which it has it until it begins to resign
    std::array<std::uint8_t, threads> names{}; // that were given
    std::uint8_t stopped = none;
    std::uint8_t fault = 0;

    static constexpr std::uint8_t none = 0xff;
    static constexpr const char* faults[]{nullptr,
                                          "a living thread is taken for dead",
                                          "a dead thread is taken for a living one",
                                          "what a dead thread has written is not seen by who knows that it is dead",
                                          "a name is given twice",
                                          "a slot is taken from a living thread",
                                          "a living thread's generation is moved on",
                                          "a slot has lost the number of its thread"};

    outcome step(int me, choices& any) {
        program& self = programs[static_cast<std::size_t>(me)];
        return me >= threads - askers ? ask_until_gone(self, me, any) : bear(self, me, any);
    }

    /// life_registry::claim, until it has the slot. (It gives a slot up after so many lost races that somebody who is no part of the protocol must have won
    /// them, and skips a generation whose bits in a name are all 0. Neither comes about here.)
    outcome claim(program& self, int me, choices& any) {
        std::uint16_t& pc = self.pc_of_claim;
        MODEL_BEGIN
        for (;;) {
            if (how.reads_generation_first) {
                self.seen_generation = load(me, generation, order::acquire, any);
                MODEL_STEP self.seen_process = load(me, process, order::acquire, any);
            } else {
                self.seen_process = load(me, process, order::acquire, any);
                MODEL_STEP self.seen_generation = load(me, generation, order::acquire, any);
            }
            if (self.seen_process != 0) {
                MODEL_STEP if (!shared.is_gone(me, self.seen_process - 1, how.kernel_orders)) {
                    self.seen_generation = self.seen_process = 0; // not used again: states that differ in them alone are one
                    MODEL_STEP continue;
                }
                if (how.moves_on_first) {
                    MODEL_STEP if (!shared.compare_exchange(me, generation, self.seen_generation, self.seen_generation + 1, how.moving_on, any)) {
                        self.seen_generation = self.seen_process = 0;
                        MODEL_STEP continue;
                    }
                }
                self.seen_generation = 0;
                if (how.thread_cleared_before_claim) {
                    MODEL_STEP shared.store(me, thread_number, 0, order::relaxed, any);
                }
            }
            MODEL_STEP
            if (!how.claim_compares) {
                shared.store(me, process, me + 1, order::acq_rel, any);
                break;
            }
            if (shared.compare_exchange(me, process, self.seen_process, me + 1, order::acq_rel, any)) {
                break;
            }
            self.seen_generation = self.seen_process = 0;
            MODEL_STEP;
        }
        self.seen_generation = self.seen_process = 0;
        MODEL_STEP shared.store(me, thread_number, me + 1, order::relaxed, any);
        MODEL_STEP self.name = static_cast<std::uint8_t>(
            shared.read_modify_write(me, generation, [](int old) { return old + 1; }, order::acq_rel, any) + 1);
        if (bearer != none && !shared.is_dead(bearer)) {
            fault = 5;
        }
        for (int other = 0; other < threads; ++other) { // one that died before anybody could see its name had none
            if (names[static_cast<std::size_t>(other)] == self.name && (!shared.is_dead(other) || shared.newest(word) == self.name)) {
                fault = 4;
            }
        }
        bearer = static_cast<std::uint8_t>(me);
        names[static_cast<std::size_t>(me)] = self.name;
        if (how.fence_behind_name) {
            shared.release_fence(me);
        }
        MODEL_END
    }

    outcome bear(program& self, int me, choices& any) {
        std::uint16_t& pc = self.pc;
        MODEL_BEGIN
        if (me > claimers) {
            return outcome::done;
        }
        MODEL_CALL(claim(self, me, any))
        if (me == 0) {
            // Nobody else writes the word here. robust_lock::try_take_free acquires; that adds nothing to a store.
            MODEL_STEP shared.store(me, word, self.name, order::relaxed, any);
            MODEL_STEP shared.store(me, data, 1, order::relaxed, any);
        }
        MODEL_STEP if (load(me, thread_number, order::relaxed, any) != me + 1) {
            fault = 7;
        }
        // give_back
        MODEL_STEP bearer = none;
        if (how.resigns_generation_first) {
            move_on(self, me, any);
            MODEL_STEP shared.store(me, thread_number, 0, order::relaxed, any);
            MODEL_STEP shared.store(me, process, 0, order::release, any);
        } else {
            shared.store(me, process, 0, order::release, any);
            MODEL_STEP move_on(self, me, any);
        }
        MODEL_END
    }

    void move_on(const program& self, int me, choices& any) {
        if (shared.read_modify_write(me, generation, [](int old) { return old + 1; }, how.resigning, any) != self.name) {
            fault = 6;
        }
    }

    /// life_registry::ask, and `look`, which is all of it but the moving on. (`ask` loads the generation once more, in front of it, as what a compare-exchange
    /// expects: where that is not the name's, nothing is moved on, and the answer is the same.)
    outcome ask_until_gone(program& self, int me, choices& any) {
        std::uint16_t& pc = self.pc;
        MODEL_BEGIN
        // robust_lock::steps::try_take, has_dead_owner and the like
        self.name = load(me, word, order::relaxed, any);
        if (self.name == 0) {
            return outcome::done;
        }
        for (;;) {
            if (how.fence_before_question) {
                shared.acquire_fence(me);
            }
            MODEL_STEP self.was_dead = shared.is_dead(0) ? 1 : 0;
            self.seen_generation = load(me, generation, how.asking, any);
            if (self.seen_generation != self.name) {
                break;
            }
            MODEL_STEP self.seen_process = load(me, process, order::acquire, any);
            if (self.seen_process == 0) {
                break;
            }
            MODEL_STEP if (shared.is_gone(me, self.seen_process - 1, how.kernel_orders)) {
                MODEL_STEP static_cast<void>(shared.compare_exchange(me, generation, self.seen_generation, self.seen_generation + 1,
                                                                     how.asker_moves_on, any));
                break;
            }
            if (how.looks_again) {
                MODEL_STEP if (load(me, generation, order::acquire, any) != self.name) {
                    break;
                }
            }
            if (self.was_dead != 0) {
                fault = 2;
            }
            self.was_dead = self.seen_generation = self.seen_process = 0;
            MODEL_STEP;
        }
        if (!shared.is_dead(0) && bearer == 0) {
            fault = 1;
        }
        self.was_dead = self.seen_generation = self.seen_process = 0;
        MODEL_STEP if (load(me, data, order::relaxed, any) != shared.newest(data)) {
            fault = 3;
        }
        MODEL_END
    }

    [[nodiscard]] std::uint8_t load(int me, int place, order as, choices& any) {
        return static_cast<std::uint8_t>(shared.load(me, place, as, any));
    }

    static bool may_die(int thread) { return thread < threads - askers; }
    void stop(int thread) { stopped = static_cast<std::uint8_t>(thread); }
    void forget(const std::array<bool, threads>& acts) { forget_programs(programs, acts); }
    /// Who is stopped may have the slot; then the others want it in vain, and rightly. If that is not thread 0, who asks gets an answer.
    [[nodiscard]] bool is_end(const std::array<bool, threads>& acts) const {
        if (nobody_acts(acts)) {
            return true;
        }
        bool asks = false;
        for (int thread = threads - askers; thread < threads; ++thread) {
            asks = asks || acts[static_cast<std::size_t>(thread)];
        }
        return stopped != none && shared.newest(process) == stopped + 1 && (stopped == 0 || !asks);
    }
    [[nodiscard]] const char* wrong(bool) const { return faults[fault]; }

    template <class Sink>
    void write_to(Sink& sink) const {
        sink(&programs, sizeof(programs));
        sink(&names, sizeof(names));
        for (const std::uint8_t each : {bearer, stopped, fault}) {
            sink(&each, 1);
        }
    }
    static std::string*& log() {
        shared_memory::place_names = places;
        return shared_memory::log;
    }
};

} // namespace models
