#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <cstdint>

namespace multiprocessing::platform::windows {

[[nodiscard]] inline std::int64_t current_process_number() noexcept { return ::GetCurrentProcessId(); }

[[nodiscard]] inline std::int64_t current_thread_number() noexcept { return ::GetCurrentThreadId(); }

/// 0 when there is no such process, or it may not be asked.
[[nodiscard]] inline std::uint64_t start_time_of(native_handle process) noexcept {
    FILETIME created{};
    FILETIME ended{};
    FILETIME in_kernel{};
    FILETIME in_user{};
    if (::GetProcessTimes(process, &created, &ended, &in_kernel, &in_user) == 0) {
        return 0;
    }
    return std::uint64_t{created.dwHighDateTime} << 32 | created.dwLowDateTime;
}

/// A process that has ended is still there as long as anybody has a handle of it.
[[nodiscard]] inline std::uint64_t process_start_time(std::int64_t number) noexcept {
    if (number <= 0 || number > std::int64_t{MAXDWORD}) {
        return 0;
    }
    const owned_handle process(::OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, static_cast<DWORD>(number)));
    return process ? start_time_of(process.get()) : 0;
}

/// By the wall clock, as the system notes the start.
[[nodiscard]] inline std::chrono::milliseconds current_process_age() noexcept {
    FILETIME now{};
    ::GetSystemTimeAsFileTime(&now);
    const std::uint64_t began = start_time_of(::GetCurrentProcess());
    const std::uint64_t here = std::uint64_t{now.dwHighDateTime} << 32 | now.dwLowDateTime;
    return std::chrono::milliseconds(began == 0 || here < began ? 0 : (here - began) / 10'000); // of 100 ns
}

} // namespace multiprocessing::platform::windows
