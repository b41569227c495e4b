#pragma once

#include "robust_lock.hpp"

/// \file
/// The redo log: robust/redo_log and guarded_elsewhere.

namespace models {

/// What may be taken out of the redo log.
struct redo_how {
    order setting = order::release;
    order clearing = order::release;
    bool fence_after_setting = true;
    bool fence_after_clearing = true;
    bool heir_completes = true;
    bool heir_copies_first = true; // and clears the mark then
    bool is_elsewhere = false;     // the object: thread 1 cannot reach it
    bool looks_each_time = true;   // for marks elsewhere, not as an heir alone
};

/// Threads that take the lock, complete what a dead owner began, look whether the object is whole, and change it, some of them more than once
/// before they give the lock back. The object has two parts, which are equal when it is whole.
///
/// The bytes of object and shadow are taken for relaxed atomics: their owner alone uses them, and what a dead one left is what the heir reads.
struct redo_log {
    static constexpr int threads = 3;
    enum : std::uint8_t { word, mark, shadow_1, shadow_2, object_1, object_2, places_count };
    static constexpr const char* places[]{"word", "mark", "shadow 1", "shadow 2", "object 1", "object 2"};
    using shared_memory = memory<places_count, threads>;
    static constexpr std::array<std::uint8_t, threads> changes{2, 1, 1};

    static inline redo_how how;
    static inline const lock_how lock_is = without_sleep();

    shared_memory shared{{0, 0, 0, 0, 0, 0}};

    struct program {
        lock_program<shared_memory> lock;
        std::uint16_t pc = 0;
        std::uint16_t pc_of_copy = 0;
        std::uint8_t change = 0;
        std::uint8_t part = 0;
    };
    std::array<program, threads> programs{};
    std::uint8_t is_torn = 0;

    outcome step(int me, choices& any) { return run(programs[static_cast<std::size_t>(me)], me, any); }

    outcome run(program& self, int me, choices& any) {
        std::uint16_t& pc = self.pc;
        MODEL_BEGIN
        MODEL_CALL(self.lock.lock(shared, me, word, lock_is, any))
        // robust_lock::steps::inherit and take_care: redo_log::complete
        if (how.is_elsewhere ? me != 1 && (how.looks_each_time || self.lock.owner != 0) : self.lock.owner != 0 && how.heir_completes) {
            self.lock = {};
            MODEL_STEP if (shared.load(me, mark, order::acquire, any) != 0) {
                if (!how.heir_copies_first) {
                    MODEL_STEP clear_mark(me, any);
                }
                MODEL_CALL(copy(self, me, any))
                if (how.heir_copies_first) {
                    MODEL_STEP clear_mark(me, any);
                }
            }
        }
        self.lock = {};
        if (!how.is_elsewhere || me != 1) {
            MODEL_STEP self.part = static_cast<std::uint8_t>(shared.load(me, object_1, order::relaxed, any));
            MODEL_STEP if (shared.load(me, object_2, order::relaxed, any) != self.part) {
                is_torn = 1;
            }
            for (self.change = 0; self.change < changes[static_cast<std::size_t>(me)]; ++self.change) {
                // guarded_place::store, redo_log::commit_value
                MODEL_STEP shared.store(me, shadow_1, new_value(self, me), order::relaxed, any);
                MODEL_STEP shared.store(me, shadow_2, new_value(self, me), order::relaxed, any);
                MODEL_STEP shared.store(me, mark, 1, how.setting, any);
                if (how.fence_after_setting) {
                    shared.release_fence(me);
                }
                MODEL_CALL(copy(self, me, any))
                MODEL_STEP clear_mark(me, any);
            }
        }
        MODEL_STEP static_cast<void>(lock_program<shared_memory>::set_free(shared, me, word, lock_is, any));
        MODEL_END
    }

    static int new_value(const program& self, int me) { return 1 + 2 * me + self.change; }

    /// A part is read and written in one step: its reader is the lock's owner, and nobody else writes it meanwhile.
    outcome copy(program& self, int me, choices& any) {
        std::uint16_t& pc = self.pc_of_copy;
        MODEL_BEGIN
        for (self.part = 0; self.part < 2; ++self.part) {
            MODEL_STEP const int value = shared.load(me, shadow_1 + self.part, order::relaxed, any);
            shared.store(me, object_1 + self.part, value, order::relaxed, any);
        }
        self.part = 0;
        MODEL_END
    }

    void clear_mark(int me, choices& any) {
        shared.store(me, mark, 0, how.clearing, any);
        if (how.fence_after_clearing) {
            shared.release_fence(me);
        }
    }

    static bool may_die(int) { return true; }
    void forget(const std::array<bool, threads>& acts) { forget_programs(programs, acts); }
    static bool is_end(const std::array<bool, threads>& acts) { return nobody_acts(acts); }
    [[nodiscard]] const char* wrong(bool) const { return is_torn != 0 ? "the owner reads half of a value" : nullptr; }

    template <class Sink>
    void write_to(Sink& sink) const {
        sink(&programs, sizeof(programs));
        sink(&is_torn, 1);
    }
    static std::string*& log() {
        shared_memory::place_names = places;
        return shared_memory::log;
    }
};

} // namespace models
