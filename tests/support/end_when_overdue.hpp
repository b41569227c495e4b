#pragma once

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

/// \file
/// The deadline of a process that no alarm has.

namespace support {

/// The process ends with that code when it is overdue, whatever it does, and says so. Returns when the thread that sees to it has begun: clang's address
/// sanitizer takes locks of its own while a thread begins, and the child of a fork at that moment finds them taken for good.
inline void end_when_overdue(std::chrono::seconds patience, const char* what, int code) {
    static std::atomic<bool> has_begun{false};
    std::thread([patience, what, code] {
        has_begun = true;
        std::this_thread::sleep_for(patience);
        std::fprintf(stderr, "%s\n", what);
        std::_Exit(code);
    }).detach();
    while (!has_begun) {
        std::this_thread::yield();
    }
}

} // namespace support
