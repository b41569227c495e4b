#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/robust/lock_table.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

/// \file
/// The repairs that this process does by itself when it acquires a lock whose owner died.

namespace multiprocessing::robust {

/// One callback, in the table from its construction to `withdraw`.
class owner_died_entry {
public:
    static constexpr const char* table_name = "owner died";

    owner_died_entry(const mutex_state& lock, std::function<void()> callback);
    owner_died_entry(const owner_died_entry&) = delete;
    owner_died_entry& operator=(const owner_died_entry&) = delete;

    /// No call of it begins any more. Whether one is under way, in whose thread the lock is held.
    [[nodiscard]] bool withdraw() noexcept;

private:
    friend class owner_died_callbacks;

    struct state {
        explicit state(std::function<void()> function) : callback(std::move(function)) {}

        std::function<void()> callback;
        std::atomic<bool> running{false};
    };

    const mutex_state* lock_;
    std::shared_ptr<state> state_;
};

/// Functions are a process's own, so the table is private. It is looked into by one who has just acquired a lock that is owner_died, and only in
/// a process that has callbacks at all.
class owner_died_callbacks {
public:
    using entry = owner_died_entry;

    /// Called by the owner of `lock`. Calls what is registered for it, in the order of registration; whether there was anything. Does not hold
    /// the table meanwhile: a callback may use other locks, and register others.
    static bool call_all(const mutex_state& lock) {
        if (count().load(std::memory_order_relaxed) == 0) {
            return false;
        }
        const running_calls calls(lock);
        for (const auto& each : calls.states) {
            each->callback();
        }
        return !calls.states.empty();
    }

private:
    friend entry;

    struct running_calls {
        explicit running_calls(const mutex_state& lock) {
            lock_table<entry>::for_each(lock, [this](const entry& each) {
                states.push_back(each.state_);
                each.state_->running.store(true, std::memory_order_relaxed);
            });
        }
        ~running_calls() {
            for (const auto& each : states) {
                each->running.store(false, std::memory_order_release);
            }
        }
        running_calls(const running_calls&) = delete;
        running_calls& operator=(const running_calls&) = delete;

        std::vector<std::shared_ptr<owner_died_entry::state>> states;
    };

    struct state {
        static constexpr const char* name = "owner died callbacks";
        static constexpr platform::fork_turn turn = platform::fork_turn::others;

        std::atomic<int> count{0};
    };
    [[nodiscard]] static std::atomic<int>& count() { return platform::one_per_process<state>().count; }
};

inline owner_died_entry::owner_died_entry(const mutex_state& lock, std::function<void()> callback)
    : lock_(&lock), state_(std::make_shared<state>(std::move(callback))) {
    lock_table<owner_died_entry>::add(*lock_, *this);
    owner_died_callbacks::count().fetch_add(1, std::memory_order_relaxed);
}

inline bool owner_died_entry::withdraw() noexcept {
    owner_died_callbacks::count().fetch_sub(1, std::memory_order_relaxed);
    lock_table<owner_died_entry>::remove(*lock_, *this);
    return state_->running.load(std::memory_order_acquire);
}

} // namespace multiprocessing::robust
