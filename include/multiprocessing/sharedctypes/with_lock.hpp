#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/synchronize/rlock.hpp>

#include <utility>

/// \file
/// Says that a new object is to be guarded by a lock there is already.

namespace multiprocessing {

/// The first argument of a SharedValue or SharedArray that shares a lock: `SharedValue<int> a(with_lock(b.get_lock()), 0)`. It is Python's
/// `Value('i', 0, lock=b.get_lock())`. The lock lives as long as any object that it guards.
///
/// \see docs/recovery.md, examples/crash_recovery.cpp
class with_lock {
public:
    /// Shares that lock.
    explicit with_lock(RLock lock) noexcept : lock_(std::move(lock)) {}

    /// The lock that is shared.
    [[nodiscard]] const RLock& lock() const noexcept { return lock_; }

private:
    RLock lock_;
};

} // namespace multiprocessing
