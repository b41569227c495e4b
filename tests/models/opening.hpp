#pragma once

#include "robust_lock.hpp"

/// \file
/// Who opens an object by its name looks at its lock without taking it: robust_lock::is_sane, redo_log::is_sane.

namespace models {

/// What may be taken out of the look.
struct opening_how {
    bool fence_before_note = true;
    bool fence_after_clearing = true;
    bool fence_before_second_look = true;
    bool looks_again = true;
};

/// Threads 0 to 2 are owners that change a range of an array each; the *note* of which range has two parts, which are equal in every note that was
/// written whole. Thread 3 opens the array.
struct opening {
    static constexpr int threads = 4;
    enum : std::uint8_t { word, mark, note_1, note_2, places_count };
    static constexpr const char* places[]{"word", "mark", "note 1", "note 2"};
    using shared_memory = memory<places_count, threads>;

    static inline opening_how how;
    static inline std::uint8_t owners = 3;
    static inline const lock_how lock_is = without_sleep();

    shared_memory shared{{0, 0, 0, 0}};

    struct program {
        lock_program<shared_memory> lock;
        std::uint16_t pc = 0;
        std::uint8_t seen = 0;
        std::uint8_t part = 0;
    };
    std::array<program, threads> programs{};
    std::uint8_t is_refused = 0;

    outcome step(int me, choices& any) {
        program& self = programs[static_cast<std::size_t>(me)];
        return me == 3 ? open(self, me, any) : change(self, me, any);
    }

    outcome change(program& self, int me, choices& any) {
        std::uint16_t& pc = self.pc;
        MODEL_BEGIN
        if (me >= owners) {
            return outcome::done;
        }
        MODEL_CALL(self.lock.lock(shared, me, word, lock_is, any))
        if (self.lock.owner != 0) { // redo_log::complete_in_block; what it copies is not of interest here
            self.lock = {};
            MODEL_STEP if (shared.load(me, mark, order::acquire, any) != 0) {
                MODEL_STEP clear_mark(me, any);
            }
        }
        self.lock = {};
        // redo_log::commit_range
        if (how.fence_before_note) {
            shared.release_fence(me);
        }
        MODEL_STEP shared.store(me, note_1, me + 1, order::relaxed, any);
        MODEL_STEP shared.store(me, note_2, me + 1, order::relaxed, any);
        MODEL_STEP shared.store(me, mark, 1, order::release, any);
        shared.release_fence(me);
        MODEL_STEP clear_mark(me, any);
        MODEL_STEP static_cast<void>(lock_program<shared_memory>::set_free(shared, me, word, lock_is, any));
        MODEL_END
    }

    void clear_mark(int me, choices& any) {
        shared.store(me, mark, 0, order::release, any);
        if (how.fence_after_clearing) {
            shared.release_fence(me);
        }
    }

    outcome open(program& self, int me, choices& any) {
        std::uint16_t& pc = self.pc;
        MODEL_BEGIN
        for (;;) {
            MODEL_STEP self.seen = static_cast<std::uint8_t>(shared.load(me, word, order::acquire, any));
            if (self.seen == 0) {
                MODEL_STEP if (shared.load(me, mark, order::acquire, any) == 0) {
                    break;
                }
                MODEL_STEP if (!shared.compare_exchange(me, word, self.seen, lock_program<shared_memory>::name_of(me), order::acquire, any)) {
                    continue;
                }
                MODEL_STEP is_refused |= shared.load(me, mark, order::acquire, any) != 0 ? std::uint8_t{1} : std::uint8_t{0};
                MODEL_STEP static_cast<void>(lock_program<shared_memory>::set_free(shared, me, word, lock_is, any));
                break;
            }
            MODEL_STEP if (!shared.is_gone(me, lock_program<shared_memory>::thread_of(self.seen))) {
                break;
            }
            self.part = 0;
            MODEL_STEP if (shared.load(me, mark, order::acquire, any) != 0) {
                MODEL_STEP self.part = static_cast<std::uint8_t>(shared.load(me, note_1, order::relaxed, any));
                MODEL_STEP self.part ^= static_cast<std::uint8_t>(shared.load(me, note_2, order::relaxed, any));
            }
            if (how.fence_before_second_look) {
                shared.acquire_fence(me);
            }
            MODEL_STEP if (!how.looks_again || shared.load(me, word, order::acquire, any) == self.seen) {
                is_refused |= self.part != 0 ? std::uint8_t{1} : std::uint8_t{0};
                break;
            }
        }
        MODEL_END
    }

    static bool may_die(int thread) { return thread != 3; }
    void forget(const std::array<bool, threads>& acts) { forget_programs(programs, acts); }
    static bool is_end(const std::array<bool, threads>& acts) { return nobody_acts(acts); }
    [[nodiscard]] const char* wrong(bool) const { return is_refused != 0 ? "a sound object is refused" : nullptr; }

    template <class Sink>
    void write_to(Sink& sink) const {
        sink(&programs, sizeof(programs));
        sink(&is_refused, 1);
    }
    static std::string*& log() {
        shared_memory::place_names = places;
        return shared_memory::log;
    }
};

} // namespace models
