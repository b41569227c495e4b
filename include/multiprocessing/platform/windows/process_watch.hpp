#pragma once

#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/windows/timeout.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace multiprocessing::platform::windows {

class process_watch {
public:
    explicit process_watch(std::int64_t number) noexcept : number_(static_cast<DWORD>(number)) { open(); }

    [[nodiscard]] bool wait_until(deadline until) noexcept {
        for (;;) {
            const deadline now = clock::now();
            if (process_) {
                if (::WaitForSingleObject(process_.get(), milliseconds_between(now, until)) == WAIT_OBJECT_0) {
                    return true;
                }
            } else if (!open()) {
                return true;
            } else if (!process_ && now < until) { // it may not be watched, or there is no handle left
                ::Sleep(milliseconds_between(now, std::min(until, now + std::chrono::milliseconds(10))));
            }
            if (clock::now() >= until) {
                return false;
            }
        }
    }

private:
    /// False: there is no such process.
    bool open() noexcept {
        process_.reset(::OpenProcess(SYNCHRONIZE, FALSE, number_));
        return process_ || ::GetLastError() != ERROR_INVALID_PARAMETER;
    }

    DWORD number_;
    owned_handle process_;
};

} // namespace multiprocessing::platform::windows
