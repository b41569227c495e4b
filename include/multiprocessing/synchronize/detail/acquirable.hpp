#pragma once

#include <multiprocessing/platform/clock.hpp>

/// \file
/// The spellings that everything that can be acquired has in common.

namespace multiprocessing::detail {

/// Makes a class TimedLockable, and gives it Python's spellings, from what `Derived` has: `lock()`, `try_lock()`, `unlock()`, and
/// `acquire_until(deadline)`, which says whether it was acquired in time. All are const: a handle does not change.
template <class Derived>
class acquirable {
public:
    /// Waits for at most `wait`, by the monotonic clock; zero and less do not wait. Whether it was acquired.
    template <class Rep, class Period>
    bool try_lock_for(const std::chrono::duration<Rep, Period>& wait) const {
        return self().acquire_until(platform::deadline_after(wait));
    }

    /// Waits until `when` at the latest. A time of a clock other than the steady one is translated once, at the call.
    template <class Clock, class Duration>
    bool try_lock_until(const std::chrono::time_point<Clock, Duration>& when) const {
        return self().acquire_until(platform::deadline_at(when));
    }

    /// Python's spelling of `lock` and `try_lock`: returns true when it was acquired.
    bool acquire(bool block = true) const { return block ? (self().lock(), true) : self().try_lock(); }

    /// Python's `acquire(block, timeout)`: with `block` false the time-out is ignored, a negative one counts as zero.
    template <class Rep, class Period>
    bool acquire(bool block, const std::chrono::duration<Rep, Period>& timeout) const {
        return block ? try_lock_for(timeout) : self().try_lock();
    }

    /// Python's spelling of `unlock`.
    void release() const { self().unlock(); }

protected:
    acquirable() = default;
    ~acquirable() = default;
    acquirable(const acquirable&) = default;
    acquirable& operator=(const acquirable&) = default;

private:
    [[nodiscard]] const Derived& self() const noexcept { return static_cast<const Derived&>(*this); }
};

/// The same with the standard library's spellings of what has permits.
template <class Derived>
class acquirable_permits : public acquirable<Derived> {
public:
    /// `std::counting_semaphore`'s spelling of `try_lock`.
    [[nodiscard]] bool try_acquire() const { return static_cast<const Derived&>(*this).try_lock(); }
    /// Its spelling of `try_lock_for`.
    template <class Rep, class Period>
    [[nodiscard]] bool try_acquire_for(const std::chrono::duration<Rep, Period>& wait) const {
        return this->try_lock_for(wait);
    }
    /// Its spelling of `try_lock_until`.
    template <class Clock, class Duration>
    [[nodiscard]] bool try_acquire_until(const std::chrono::time_point<Clock, Duration>& when) const {
        return this->try_lock_until(when);
    }

protected:
    acquirable_permits() = default;
    ~acquirable_permits() = default;
    acquirable_permits(const acquirable_permits&) = default;
    acquirable_permits& operator=(const acquirable_permits&) = default;
};

} // namespace multiprocessing::detail
