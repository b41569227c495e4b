#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/state_with_mutex.hpp>
#include <multiprocessing/robust/mutex_state.hpp>

#include <mutex>
#include <unordered_map>
#include <vector>

/// \file
/// What this process, and it alone, has to do with a lock: a private table keyed by the lock's address.

namespace multiprocessing::robust {

/// What all tables have in common, so that it is compiled once: entries by their addresses. The mutex is held around a fork, so the child has the table whole.
class lock_table_of_addresses : public platform::state_with_mutex {
public:
    static constexpr platform::fork_turn turn = platform::fork_turn::others;

    void add(const mutex_state& lock, void* entry) {
        const std::lock_guard guard(mutex);
        entries_[&lock].push_back(entry);
    }

    void remove(const mutex_state& lock, void* entry) noexcept {
        const std::lock_guard guard(mutex);
        const auto of_lock = entries_.find(&lock);
        std::erase(of_lock->second, entry);
        if (of_lock->second.empty()) {
            entries_.erase(of_lock);
        }
    }

    /// Those of the lock, or null if there are none. Asked, and looked at, with the mutex held.
    [[nodiscard]] const std::vector<void*>* find(const mutex_state& lock) const noexcept {
        const auto of_lock = entries_.find(&lock);
        return of_lock != entries_.end() ? &of_lock->second : nullptr;
    }

private:
    std::unordered_map<const mutex_state*, std::vector<void*>> entries_;
};

/// The entries of each lock, in the order in which they were added; `Entry::table_name` is the table's name. The table owns none of them: who adds one removes it, and keeps the lock's
/// memory for so long. Fork copies the table along with the handles; a spawned process fills its own.
template <class Entry>
class lock_table {
public:
    static void add(const mutex_state& lock, Entry& entry) { here().add(lock, &entry); }

    static void remove(const mutex_state& lock, Entry& entry) noexcept { here().remove(lock, &entry); }

    /// Calls `use(entry)` for each, with the table's mutex held.
    template <class Use>
    static void for_each(const mutex_state& lock, Use use) {
        table& all = here();
        const std::lock_guard guard(all.mutex);
        if (const auto* const of_lock = all.find(lock); of_lock != nullptr) {
            for (void* each : *of_lock) {
                use(*static_cast<Entry*>(each));
            }
        }
    }

private:
    struct table : lock_table_of_addresses {
        static constexpr const char* name = Entry::table_name;
    };
    [[nodiscard]] static table& here() { return platform::one_per_process<table>(); }
};

} // namespace multiprocessing::robust
