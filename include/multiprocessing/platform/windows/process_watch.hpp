#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/windows/timeout.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace multiprocessing::platform::windows {

[[nodiscard]] inline owned_handle watchable_self() {
    HANDLE self = nullptr;
    if (::DuplicateHandle(::GetCurrentProcess(), ::GetCurrentProcess(), ::GetCurrentProcess(), &self, SYNCHRONIZE, FALSE, 0) == 0) {
        throw_os_error(last_os_error(), "DuplicateHandle", "this process, to be watched by a child");
    }
    return owned_handle(self);
}

class process_watch {
public:
    explicit process_watch(std::int64_t number) noexcept : process_watch(number, open(static_cast<DWORD>(number))) {}

    process_watch(std::int64_t number, owned_handle process) noexcept
        : number_(static_cast<DWORD>(number)), process_(std::move(process)), ended_(!process_ && !exists(number_)) {}

    [[nodiscard]] bool wait_until(deadline until) const noexcept {
        for (;;) {
            const deadline now = clock::now();
            if (ended_ || (process_ && ::WaitForSingleObject(process_.get(), milliseconds_between(now, until)) == WAIT_OBJECT_0)) {
                return true;
            }
            if (!process_) { // it may not be watched, or there was no handle left: look again now and then
                if (!exists(number_)) {
                    return true;
                }
                ::Sleep(milliseconds_between(now, (std::min)(until, now + std::chrono::milliseconds(10))));
            }
            if (clock::now() >= until) {
                return false;
            }
        }
    }

    void keep_to_oneself() const noexcept {}

private:
    [[nodiscard]] static owned_handle open(DWORD number) noexcept {
        return owned_handle(::OpenProcess(SYNCHRONIZE, FALSE, number));
    }
    [[nodiscard]] static bool exists(DWORD number) noexcept {
        const owned_handle process = open(number);
        return process ? ::WaitForSingleObject(process.get(), 0) != WAIT_OBJECT_0
                       : ::GetLastError() != ERROR_INVALID_PARAMETER;
    }

    DWORD number_;
    owned_handle process_;
    bool ended_;
};

} // namespace multiprocessing::platform::windows
