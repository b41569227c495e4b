#pragma once

#include <multiprocessing/platform/fork_hooks.hpp>
#include <multiprocessing/synchronize/detail/guard_header.hpp>

#include <mutex>
#include <unordered_map>
#include <vector>

/// \file
/// What this process, and it alone, has to do with a lock: a private table keyed by the lock's address.

namespace multiprocessing::detail {

/// One mutex for all such tables; held around a fork, so that the child has them whole.
class lock_table_mutex {
public:
    /// Made by whoever asks first, which may be an object with static storage before the library's own are made; never destroyed, for such
    /// objects may still be locked while the program ends.
    [[nodiscard]] static std::mutex& get() {
        static std::mutex* const mutex = new std::mutex;
        return *mutex;
    }

private:
    [[gnu::init_priority(101)]] static inline const platform::fork_hook hooked_ = platform::fork_hook::holding([]() -> auto& { return get(); });
};

/// What all tables have in common, so that it is compiled once: entries by their addresses.
class lock_table_of_addresses {
public:
    void add(const guard_header& lock, void* entry) {
        const std::lock_guard guard(lock_table_mutex::get());
        if (entries_ == nullptr) {
            entries_ = new entries; // never destroyed either
        }
        (*entries_)[&lock].push_back(entry);
    }

    void remove(const guard_header& lock, void* entry) noexcept {
        const std::lock_guard guard(lock_table_mutex::get());
        const auto of_lock = entries_->find(&lock);
        std::erase(of_lock->second, entry);
        if (of_lock->second.empty()) {
            entries_->erase(of_lock);
        }
    }

    /// Those of the lock, or null if there are none. Asked, and looked at, with the tables' mutex held.
    [[nodiscard]] const std::vector<void*>* find(const guard_header& lock) const noexcept {
        if (entries_ == nullptr) {
            return nullptr;
        }
        const auto of_lock = entries_->find(&lock);
        return of_lock != entries_->end() ? &of_lock->second : nullptr;
    }

private:
    using entries = std::unordered_map<const guard_header*, std::vector<void*>>;

    entries* entries_ = nullptr;
};

/// The entries of each lock, in the order in which they were added. The table owns none of them: who adds one removes it, and keeps the lock's
/// memory for so long. Fork copies the table along with the handles; a spawned process fills its own.
template <class Entry>
class lock_table {
public:
    static void add(const guard_header& lock, Entry& entry) { table_.add(lock, &entry); }

    static void remove(const guard_header& lock, Entry& entry) noexcept { table_.remove(lock, &entry); }

    /// Calls `use(entry)` for each, with the tables' mutex held.
    template <class Use>
    static void for_each(const guard_header& lock, Use use) {
        const std::lock_guard guard(lock_table_mutex::get());
        if (const auto* const of_lock = table_.find(lock); of_lock != nullptr) {
            for (void* each : *of_lock) {
                use(*static_cast<Entry*>(each));
            }
        }
    }

private:
    static inline constinit lock_table_of_addresses table_;
};

} // namespace multiprocessing::detail
