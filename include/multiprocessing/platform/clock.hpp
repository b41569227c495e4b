#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/chrono.hpp>

/// \file
/// The clock of every time-out: monotonic, so that setting the wall clock neither lengthens nor shortens a wait
/// (CPython's locks measure theirs with the wall clock).

namespace multiprocessing::platform {

/// CLOCK_MONOTONIC on POSIX, QueryPerformanceCounter on Windows: what std::chrono::steady_clock is on both.
using clock = std::chrono::steady_clock;

/// The end of a wait.
using deadline = clock::time_point;

/// A wait without end.
inline constexpr deadline no_deadline = (deadline::max)();

/// The moment `wait` from now. A wait too long to be represented is for ever; a negative one is over already.
template <class Rep, class Period>
[[nodiscard]] deadline deadline_after(const std::chrono::duration<Rep, Period>& wait) {
    const deadline now = clock::now();
    // Compared as floating-point seconds: an hours::max() cannot even be converted to nanoseconds without overflow.
    const std::chrono::duration<double> left = no_deadline - now;
    if (std::chrono::duration<double>(wait) >= left) {
        return no_deadline;
    }
    if (wait <= wait.zero()) {
        return now;
    }
    return now + std::chrono::ceil<clock::duration>(wait);
}

/// The same moment on the library's clock, for a time point of any other.
template <class Clock, class Duration>
[[nodiscard]] deadline deadline_at(const std::chrono::time_point<Clock, Duration>& when) {
    // What is days away is compared in floating point: the difference to a time_point::min() would overflow, and be for ever.
    using seconds = std::chrono::duration<double>;
    const auto now = Clock::now();
    const seconds roughly = seconds(when.time_since_epoch()) - seconds(now.time_since_epoch());
    if (roughly > std::chrono::hours(24) || roughly < -std::chrono::hours(24)) {
        return deadline_after(roughly);
    }
    return deadline_after(when - now);
}

} // namespace multiprocessing::platform
