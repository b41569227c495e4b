#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/robust/mutex_state.hpp>
#include <multiprocessing/robust/redo_log.hpp>

#include <cstddef>

/// \file
/// The objects that are guarded by a lock which is not in their own block.

namespace multiprocessing::robust {

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
        static constexpr const char* table_name = "guarded elsewhere";

        /// The object that `log` is of has so many bytes by its handle.
        entry(mutex_state& lock, const redo_log& log, bool is_array, std::size_t bytes);
        ~entry();
        entry(const entry&) = delete;
        entry& operator=(const entry&) = delete;

        /// What redo_log::complete does and says.
        [[nodiscard]] bool complete() const noexcept { return log_.complete(is_array_, bytes_); }

    private:
        mutex_state* lock_;
        redo_log log_;
        bool is_array_;
        std::size_t bytes_;
    };

    /// Called by the owner of `lock`, which it has just acquired. False when something was to be completed that leads out of its object: it was not.
    [[nodiscard]] static bool complete_all(mutex_state& lock) noexcept;
};

} // namespace multiprocessing::robust

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/robust/guarded_elsewhere.ipp>
#endif
