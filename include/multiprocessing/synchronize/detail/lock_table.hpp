#pragma once

#include <multiprocessing/platform/fork_hooks.hpp>
#include <multiprocessing/synchronize/detail/guard_header.hpp>

#include <mutex>
#include <unordered_map>
#include <vector>

/// \file
/// What this process, and it alone, has to do with a lock: a private table keyed by the lock's address.

namespace multiprocessing::detail {

/// Never destroyed: objects with static storage may still be locked while the program ends. Constant-initialised: they may be locked
/// before the library's own are made.
union undying_mutex {
    constexpr undying_mutex() noexcept : mutex() {}
    ~undying_mutex() {}
    std::mutex mutex;
};

/// One mutex for all such tables; held around a fork, so that the child has them whole.
class lock_table_mutex {
public:
    [[nodiscard]] static std::mutex& get() noexcept { return place_.mutex; }

private:
    static inline constinit undying_mutex place_;
    static inline const bool hooked_ =
        platform::on_fork([] { get().lock(); }, [] { get().unlock(); }, [] { get().unlock(); });
};

/// The entries of each lock, in the order in which they were added. The table owns none of them: who adds one removes it, and keeps the lock's
/// memory for so long. Fork copies the table along with the handles; a spawned process fills its own.
template <class Entry>
class lock_table {
public:
    static void add(const guard_header& lock, Entry& entry) {
        const std::lock_guard guard(lock_table_mutex::get());
        if (entries_ == nullptr) {
            entries_ = new entries; // never destroyed either
        }
        (*entries_)[&lock].push_back(&entry);
    }

    static void remove(const guard_header& lock, Entry& entry) noexcept {
        const std::lock_guard guard(lock_table_mutex::get());
        const auto of_lock = entries_->find(&lock);
        std::erase(of_lock->second, static_cast<void*>(&entry));
        if (of_lock->second.empty()) {
            entries_->erase(of_lock);
        }
    }

    /// Calls `use(entry)` for each, with the tables' mutex held.
    template <class Use>
    static void for_each(const guard_header& lock, Use use) {
        const std::lock_guard guard(lock_table_mutex::get());
        if (entries_ == nullptr) {
            return;
        }
        if (const auto of_lock = entries_->find(&lock); of_lock != entries_->end()) {
            for (void* const each : of_lock->second) {
                use(*static_cast<Entry*>(each));
            }
        }
    }

private:
    using entries = std::unordered_map<const guard_header*, std::vector<void*>>; // one type for all tables: compiled once

    static inline constinit entries* entries_ = nullptr;
};

} // namespace multiprocessing::detail
