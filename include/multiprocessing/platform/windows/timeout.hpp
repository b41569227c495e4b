#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <algorithm>
#include <cstdint>

namespace multiprocessing::platform::windows {

/// The time from `now` to `until` as the system's waits take it: in whole milliseconds, rounded up, so that a wait never ends too
/// early. What is too long for one wait (49 days) is cut short; `no_deadline` is INFINITE.
[[nodiscard]] inline DWORD milliseconds_between(deadline now, deadline until) noexcept {
    if (until == no_deadline) {
        return INFINITE;
    }
    if (until <= now) {
        return 0;
    }
    const std::int64_t left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    return static_cast<DWORD>((std::min<std::int64_t>)(left, INFINITE - 1));
}

} // namespace multiprocessing::platform::windows
