#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/windows/timeout.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <algorithm>
#include <span>
#include <vector>

namespace multiprocessing::platform::windows {

/// Has the system's thread pool set an event when one of the handles is ready: for more than a thread can wait for by itself.
class pooled_wait {
public:
    explicit pooled_wait(std::span<const native_handle> handles) : ready_(::CreateEventW(nullptr, TRUE, FALSE, nullptr)) {
        if (!ready_) {
            throw_os_error(last_os_error(), "CreateEvent", "a wait for many handles");
        }
        waits_.reserve(handles.size());
        for (const native_handle each : handles) {
            HANDLE wait = nullptr;
            if (::RegisterWaitForSingleObject(&wait, each, &set, ready_.get(), INFINITE, WT_EXECUTEONLYONCE) == 0) {
                const int code = last_os_error();
                unregister();
                throw_os_error(code, "RegisterWaitForSingleObject", "a wait for many handles");
            }
            waits_.push_back(wait);
        }
    }
    ~pooled_wait() { unregister(); }
    pooled_wait(const pooled_wait&) = delete;
    pooled_wait& operator=(const pooled_wait&) = delete;

    void wait(DWORD milliseconds) const noexcept { ::WaitForSingleObject(ready_.get(), milliseconds); }

private:
    static void CALLBACK set(void* ready, BOOLEAN) { ::SetEvent(ready); }

    /// Returns when none of the callbacks runs any more.
    void unregister() noexcept {
        for (const HANDLE each : waits_) {
            ::UnregisterWaitEx(each, INVALID_HANDLE_VALUE);
        }
        waits_.clear();
    }

    owned_handle ready_;
    std::vector<HANDLE> waits_;
};

inline void wait_for_any(std::span<const native_handle> sentinels, deadline until) {
    const deadline now = clock::now();
    std::vector<native_handle> handles(sentinels.begin(), sentinels.end());
    if (std::erase(handles, invalid_native_handle) != 0) {
        until = (std::min)(until, now + std::chrono::milliseconds(1));
    }
    const DWORD milliseconds = milliseconds_between(now, until);
    if (handles.empty()) {
        ::Sleep(milliseconds);
    } else if (handles.size() <= MAXIMUM_WAIT_OBJECTS) {
        ::WaitForMultipleObjects(static_cast<DWORD>(handles.size()), handles.data(), FALSE, milliseconds);
    } else {
        pooled_wait(handles).wait(milliseconds);
    }
}

} // namespace multiprocessing::platform::windows
