#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <utility>

/// \file
/// What every object with a lock has: the lock.

namespace multiprocessing::detail {

/// Gives access to the lock, and makes the object itself Lockable and TimedLockable: `std::scoped_lock guard(counter)`. All of it means
/// what it means for the RLock.
class guarded_object {
public:
    /// The lock, which lives as long as any handle of it or of an object it guards.
    [[nodiscard]] RLock& get_lock() const noexcept { return lock_; }

    /// As of `get_lock()`.
    /// @{
    void lock() const { lock_.lock(); }
    [[nodiscard]] bool try_lock() const { return lock_.try_lock(); }
    template <class Rep, class Period>
    bool try_lock_for(const std::chrono::duration<Rep, Period>& wait) const {
        return lock_.try_lock_for(wait);
    }
    template <class Clock, class Duration>
    bool try_lock_until(const std::chrono::time_point<Clock, Duration>& when) const {
        return lock_.try_lock_until(when);
    }
    void unlock() const { lock_.unlock(); }

    bool acquire(bool block = true) const { return lock_.acquire(block); }
    template <class Rep, class Period>
    bool acquire(bool block, const std::chrono::duration<Rep, Period>& timeout) const {
        return lock_.acquire(block, timeout);
    }
    void release() const { lock_.release(); }
    /// @}

protected:
    explicit guarded_object(RLock lock) noexcept : lock_(std::move(lock)) {}
    guarded_object(const guarded_object&) noexcept = default;
    guarded_object(guarded_object&&) noexcept = default;
    guarded_object& operator=(guarded_object&&) noexcept = default;
    ~guarded_object() = default;

    [[nodiscard]] robust::mutex& lock_header() const { return lock_access::header(lock_); }

private:
    mutable RLock lock_; // a const handle locks too
};

} // namespace multiprocessing::detail
