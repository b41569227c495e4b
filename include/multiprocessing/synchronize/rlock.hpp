#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/synchronize/detail/lock_handle.hpp>

#include <utility>

/// \file
/// A recursive lock between processes that no death can leave locked.

namespace multiprocessing {

/// A robust, recursive mutual exclusion lock in shared memory: Python's `multiprocessing.RLock`, in the form of
/// `std::recursive_timed_mutex`, so that `std::scoped_lock` and `std::unique_lock` take it. Its operations are in detail/lock_handle.hpp.
///
/// An RLock is a handle: a copy refers to the same lock, and a const one locks as any other (as a `T* const` changes its T). After `fork`
/// the child's handles refer to the parent's locks; a lock the parent holds is *not* held by the child, whose `lock()` waits for the parent
/// as any other process does. The use of a handle that was moved from throws `std::logic_error`.
///
/// *Kill.* When the owner dies holding it (SIGKILL, `exit`, the end of its thread), the next to ask has the lock, after at most one
/// sleeping slice (docs/synchronisation.md) if it was asleep, and `owner_died()` says so from then on until `make_consistent()`. What the owner was in the
/// middle of is the caller's to repair; objects of this library that were changed by their own operations are whole already. Who would
/// rather be stopped sets `OwnerDiedPolicy::throw_exception`; who would rather have it done at once registers an OwnerDiedCallback. Then
/// every call below that would acquire the lock (not one level more of it) may throw: OwnerDied, or what the callback throws. It does not
/// hold the lock then. So it is with LayoutError, which one heir gets when what the dead owner was storing cannot be completed, because somebody has
/// written nonsense there; `owner_died()` tells the others.
///
/// *Cost.* Uncontended, two atomic exchanges on one cache line and no system call. Contended, a short spin, then sleep.
///
/// A thread that uses a shared lock takes one of 8,192 places that a process and its descendants have in common, and keeps it until it
/// ends; with all of them taken, locking throws `std::system_error`, resource_unavailable_try_again.
///
/// \see docs/robustness.md, docs/recovery.md, examples/crash_recovery.cpp
class RLock : public detail::lock_handle {
public:
    /// A new lock, free. Throws `std::system_error` when there is no memory.
    RLock() : lock_handle(true) {}

    /// A named lock, new (`create_only`), there already (`open_only`), or either. Throws `std::system_error`: file_exists, no_such_file_or_directory,
    /// no_space_on_device; LayoutError when what has the name is no RLock.
    RLock(detail::naming how, const object_name& name) : lock_handle(how, name, true) {}

private:
    friend detail::lock_access;

    explicit RLock(memory::block block) : lock_handle(std::move(block)) {}
};

} // namespace multiprocessing
