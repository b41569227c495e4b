#pragma once

#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/exit_status.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/windows/timeout.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace multiprocessing::platform::windows {

/// A child by its process handle, which stays that of the ended process, whoever is given its number. The handle never changes and
/// the kernel keeps the exit code, so there is nothing that threads could get into each other's way with.
///
/// There are no signals: to interrupt and to terminate is to kill. The three leave different exit codes, which everybody who asks for
/// them reads as POSIX would have it: -2, -15 and -9. (CPython gives -15 for all.) A crash leaves its NTSTATUS, a large negative number.
class child {
public:
    /// After the start: takes charge of the process.
    void adopt(owned_handle process, std::int64_t number) noexcept {
        process_ = std::move(process);
        number_ = number;
    }

    [[nodiscard]] std::int64_t number() const noexcept { return number_; }
    [[nodiscard]] std::chrono::nanoseconds waited_for_processor() const noexcept { return {}; } // Windows does not say
    [[nodiscard]] native_handle sentinel_if_any() const noexcept { return process_.get(); }
    [[nodiscard]] native_handle sentinel() const noexcept { return process_.get(); }

    [[nodiscard]] bool wait_until(deadline until) {
        for (;;) {
            const deadline now = clock::now();
            if (has_ended_within(milliseconds_between(now, until))) {
                return true;
            }
            if (clock::now() >= until) {
                return false;
            }
        }
    }

    [[nodiscard]] std::optional<int> exit_status() {
        // First whether it has ended: STILL_ACTIVE is 259, which is also an exit code like any other.
        if (!has_ended_within(0)) {
            return std::nullopt;
        }
        DWORD code = 0;
        if (::GetExitCodeProcess(process_.get(), &code) == 0) {
            throw_os_error(last_os_error(), "GetExitCodeProcess", name());
        }
        return static_cast<int>(code);
    }

    void interrupt() { end(-2); }
    void terminate() { end(-15); }
    void kill() { end(-9); }

private:
    [[nodiscard]] std::string name() const { return "process " + std::to_string(number_); }

    [[nodiscard]] bool has_ended_within(DWORD milliseconds) const {
        switch (::WaitForSingleObject(process_.get(), milliseconds)) {
        case WAIT_OBJECT_0:
            return true;
        case WAIT_TIMEOUT:
            return false;
        default:
            throw_os_error(last_os_error(), "WaitForSingleObject", name());
        }
    }

    void end(int exit_status) const {
        if (::TerminateProcess(process_.get(), static_cast<UINT>(exit_status)) == 0) {
            const int code = last_os_error();
            if (code == ERROR_ACCESS_DENIED) {
                return; // that is how one is told that it is ending, or has ended; a child's handle allows everything else
            }
            throw_os_error(code, "TerminateProcess", name());
        }
    }

    owned_handle process_;
    std::int64_t number_ = 0;
};

} // namespace multiprocessing::platform::windows
