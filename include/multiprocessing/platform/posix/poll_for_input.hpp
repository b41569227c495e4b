#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>

#include <algorithm>
#include <climits>
#include <cstdint>

#include <poll.h>

namespace multiprocessing::platform::posix {

/// Sleeps until one of the descriptors is ready, the deadline has passed, or a signal came; the caller looks again. Rounds up to
/// milliseconds: it does not return before its time.
inline void poll_for_input(::pollfd* first, ::nfds_t count, deadline now, deadline until) noexcept {
    int milliseconds = -1;
    if (until != no_deadline) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
        milliseconds = static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
    }
    ::poll(first, count, milliseconds);
}

} // namespace multiprocessing::platform::posix
