#pragma once

#include <multiprocessing/platform/windows/windows_api.hpp>

#include <type_traits>

namespace multiprocessing::platform::windows {

using native_handle = void*;
static_assert(std::is_same_v<native_handle, HANDLE>);

/// What most calls return when they have failed. CreateFile's INVALID_HANDLE_VALUE is turned into it where that is called.
inline constexpr native_handle invalid_native_handle = nullptr;

inline void close_native_handle(native_handle handle) noexcept { ::CloseHandle(handle); }

/// On Windows a program that closes handles which it did not open is beyond help: debuggers and verifiers stop it there.
class handle_mark {
public:
    handle_mark() noexcept = default;
    explicit handle_mark(native_handle) noexcept {}

    [[nodiscard]] bool is_of(native_handle) const noexcept { return true; }
};

/// Handles of standard streams are numbers like any others, and are not given again.
[[nodiscard]] inline native_handle off_standard_streams(native_handle handle) noexcept { return handle; }

} // namespace multiprocessing::platform::windows
