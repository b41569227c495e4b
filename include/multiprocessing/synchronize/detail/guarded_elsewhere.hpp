#pragma once

#include <multiprocessing/platform/fork_hooks.hpp>
#include <multiprocessing/synchronize/detail/redo_log.hpp>

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

/// \file
/// The objects that are guarded by a lock which is not in their own block.

namespace multiprocessing::detail {

/// The heir of a dead owner completes the store that was under way in the lock's own block; it cannot know, from the lock alone,
/// the redo logs of other objects guarded by it (`with_lock`, `synchronized`). So each process keeps a table of those *it* can
/// reach, and looks through the lock's entries at each acquisition of such a lock.
///
/// Invariant: an object with its mark set is completed by a process before that process reads it, for to read it is to have a handle
/// of it, which is to have it in the table, and to hold the lock, which is to have looked. That the first heir may be a process
/// that cannot reach the object does no harm: the mark stays. The table is private: fork copies it along with the
/// handles, and a spawned process fills its own as it rebuilds them.
class guarded_elsewhere {
public:
    /// Keeps one object in the table.
    class entry {
    public:
        entry(guard_header& lock, const redo_log& log) : lock_(&lock), log_(log) {
            const std::lock_guard guard(mutex());
            table()[lock_].push_back(this);
            lock_->flags.fetch_or(guard_header::guards_others, std::memory_order_relaxed);
        }
        ~entry() {
            const std::lock_guard guard(mutex());
            const auto mine = table().find(lock_);
            std::erase(mine->second, this);
            if (mine->second.empty()) {
                table().erase(mine);
            }
        }
        entry(const entry&) = delete;
        entry& operator=(const entry&) = delete;

        [[nodiscard]] const redo_log& log() const noexcept { return log_; }

    private:
        guard_header* lock_;
        redo_log log_;
    };

    /// Called by the owner of `lock`, which it has just acquired.
    static void complete_all(guard_header& lock) noexcept {
        const std::lock_guard guard(mutex());
        if (const auto entries = table().find(&lock); entries != table().end()) {
            for (const entry* each : entries->second) {
                each->log().complete();
            }
        }
    }

private:
    // Never destroyed: objects with static storage may still be locked while the program ends.
    static std::mutex& mutex() noexcept { return *mutex_; }
    static std::unordered_map<guard_header*, std::vector<entry*>>& table() noexcept { return *table_; }

    static inline std::mutex* const mutex_ = new std::mutex;
    static inline std::unordered_map<guard_header*, std::vector<entry*>>* const table_ =
        new std::unordered_map<guard_header*, std::vector<entry*>>;
    static inline const bool hooked_ = platform::on_fork([] { mutex().lock(); }, [] { mutex().unlock(); },
                                                         [] { mutex().unlock(); });
};

} // namespace multiprocessing::detail
