#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/state_with_mutex.hpp>
#include <multiprocessing/platform/thread_end.hpp>
#include <multiprocessing/robust/life_id.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

/// \file
/// What one thread is called, for all copies of the library in its process. For definitions.

namespace multiprocessing::robust {

/// Each copy keeps the names of the thread at hand, in variables that are thread_local (this_thread_life.hpp). This is where it has them from, and what tells it
/// that they are not the thread's any more.
///
/// Invariant: what such a variable has is the thread's name, or 0; and a copy of which one is not 0 is in `forget`. Only the thread itself comes here.
class thread_ids {
public:
    /// Of the calling thread; made when it first asks. Throws `std::bad_alloc`, and what the system says that has no room for one.
    [[nodiscard]] static thread_ids& get() {
        if (thread_ids* const known = find()) {
            return *known;
        }
        auto fresh = std::make_unique<thread_ids>();
        auto& all = platform::one_per_process<state>();
        all.slot.set(fresh.get());
        const std::lock_guard guard(all.mutex);
        fresh->next_ = all.first;
        all.first = fresh.get();
        return *fresh.release();
    }

    /// Null: it has not asked.
    [[nodiscard]] static thread_ids* find() { return static_cast<thread_ids*>(platform::one_per_process<state>().slot.get()); }

    std::array<life_id, 2> at_hand{};         // of the family's registry and the first user's, by life_scope; 0: none yet
    void (*resign_others)() noexcept = nullptr; // gives back the names that it has by others
    bool may_be_in_parents_scopes = false;      // thread_may_be_in_parents_scopes()

    /// `forget` sets a copy's variables to 0. It is called when the names go, and in a child, whose thread has none.
    void when_gone(void (*forget)() noexcept) {
        if (std::find(forget_.begin(), forget_.end(), forget) == forget_.end()) {
            forget_.push_back(forget);
        }
    }

private:
    /// At the end of the thread the names go back. At the end of the process they do not: what is held then, by an object with static storage or a
    /// handler of atexit, is held until the process has ended.
    static void end(void* its);

    struct state : platform::state_with_mutex {
        static constexpr const char* name = "thread names";
        static constexpr platform::fork_turn turn = platform::fork_turn::others;

        platform::thread_slot<end> slot;
        thread_ids* first = nullptr;

        /// With the mutex held.
        void remove(const thread_ids* one) noexcept {
            thread_ids** place = &first;
            while (*place != one) {
                place = &(*place)->next_;
            }
            *place = one->next_;
        }

        void after_fork_in_child() noexcept {
            platform::state_with_mutex::after_fork_in_child();
            auto* const mine = static_cast<thread_ids*>(slot.get());
            while (first != nullptr) { // the other threads are not here
                if (thread_ids* const each = std::exchange(first, first->next_); each != mine) {
                    delete each;
                }
            }
            if (mine != nullptr) {
                first = mine;
                mine->next_ = nullptr;
                mine->at_hand = {};
                mine->may_be_in_parents_scopes = true;
                mine->forget_all();
            }
        }
    };

    void forget_all() const noexcept {
        for (const auto& forget : forget_) {
            forget();
        }
    }

    std::vector<void (*)() noexcept> forget_;
    thread_ids* next_ = nullptr; // of all threads, in no order
};

} // namespace multiprocessing::robust
