#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/system.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <system_error>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/windows_api.hpp>
#else
#    include <cerrno>
#    include <iterator>

#    include <fcntl.h>
#    include <unistd.h>
#endif

/// \file
/// What tests do with native handles that the library has no reason to offer.

namespace support {

namespace platform = multiprocessing::platform;

#if MULTIPROCESSING_WINDOWS

inline void make_inheritable(platform::native_handle handle) {
    if (::SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT) == 0) {
        throw std::system_error(static_cast<int>(::GetLastError()), std::system_category(), "SetHandleInformation");
    }
}

/// Whether this process has a handle of that value, and whether another program would inherit it.
[[nodiscard]] inline bool is_open(platform::native_handle handle) {
    DWORD flags = 0;
    return ::GetHandleInformation(handle, &flags) != 0;
}
[[nodiscard]] inline bool is_inheritable(platform::native_handle handle) {
    DWORD flags = 0;
    return ::GetHandleInformation(handle, &flags) != 0 && (flags & HANDLE_FLAG_INHERIT) != 0;
}

/// Counted one by one: what GetProcessHandleCount says under wine is 0.
[[nodiscard]] inline std::size_t open_handles() {
    std::size_t count = 0;
    for (std::uintptr_t value = 4; value < 4096; value += 4) {
        count += is_open(reinterpret_cast<platform::native_handle>(value)) ? 1 : 0;
    }
    return count;
}

/// Sends what children write to standard output into a file, as long as it lives.
class output_to_file {
public:
    explicit output_to_file(const std::filesystem::path& path) : before_(::GetStdHandle(STD_OUTPUT_HANDLE)) {
        const HANDLE file = ::CreateFileW(path.c_str(), GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, CREATE_ALWAYS,
                                          FILE_ATTRIBUTE_NORMAL, nullptr);
        if (file == INVALID_HANDLE_VALUE) {
            throw std::system_error(static_cast<int>(::GetLastError()), std::system_category(), "CreateFile");
        }
        file_.reset(file);
        ::SetStdHandle(STD_OUTPUT_HANDLE, file);
    }
    ~output_to_file() { ::SetStdHandle(STD_OUTPUT_HANDLE, before_); }
    output_to_file(const output_to_file&) = delete;
    output_to_file& operator=(const output_to_file&) = delete;

private:
    HANDLE before_;
    platform::owned_handle file_;
};

#else

inline void make_inheritable(platform::native_handle handle) { ::fcntl(handle, F_SETFD, 0); }

[[nodiscard]] inline bool is_open(platform::native_handle handle) { return ::fcntl(handle, F_GETFD) != -1; }
[[nodiscard]] inline bool is_inheritable(platform::native_handle handle) {
    const int flags = ::fcntl(handle, F_GETFD);
    return flags != -1 && (flags & FD_CLOEXEC) == 0;
}

[[nodiscard]] inline std::size_t open_handles() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all))) - 1;
}

class output_to_file {
public:
    explicit output_to_file(const std::filesystem::path& path) : before_(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)) {
        const platform::owned_handle file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (!file || ::dup2(file.get(), STDOUT_FILENO) < 0) {
            throw std::system_error(errno, std::system_category(), path.string());
        }
    }
    ~output_to_file() { ::dup2(before_.get(), STDOUT_FILENO); }
    output_to_file(const output_to_file&) = delete;
    output_to_file& operator=(const output_to_file&) = delete;

private:
    platform::owned_handle before_;
};

#endif

} // namespace support
