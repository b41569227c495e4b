#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/synchronize/detail/lock_handle.hpp>

#include <utility>

/// \file
/// A lock between processes, not recursive, that no death can leave locked.

namespace multiprocessing {

/// A robust mutual exclusion lock in shared memory that can be locked once: Python's `multiprocessing.Lock` in the form of `std::timed_mutex`.
/// It is an RLock (which see, for fork, kill and cost) but for this: a thread that locks what it holds gets `std::system_error`,
/// resource_deadlock_would_occur; `try_lock()` and `acquire(false)` return false.
///
/// Python's Lock has no owner: anybody may release it. Here only the thread that locked it may; for a hand-over from one process to another use a
/// Semaphore or an Event.
///
/// \see docs/synchronisation.md
class Lock : public detail::lock_handle {
public:
    /// A new lock, free. Throws `std::system_error` when there is no memory.
    Lock() : lock_handle(false) {}

    /// A named lock, as RLock's.
    Lock(detail::naming how, const object_name& name) : lock_handle(how, name, false) {}

private:
    friend detail::lock_access;

    explicit Lock(memory::block block) : lock_handle(std::move(block)) {}
};

} // namespace multiprocessing
