#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/posix/poll_for_input.hpp>

#include <algorithm>
#include <span>
#include <vector>

#include <poll.h>

namespace multiprocessing::platform::posix {

inline void wait_for_any(std::span<const native_handle> sentinels, deadline until) {
    std::vector<::pollfd> asks;
    const deadline now = clock::now();
    for (const native_handle each : sentinels) {
        asks.push_back({each, POLLIN, 0});
        if (each == invalid_native_handle) {
            until = (std::min)(until, now + std::chrono::milliseconds(1));
        }
    }
    poll_for_input(asks.data(), asks.size(), now, until);
}

} // namespace multiprocessing::platform::posix
