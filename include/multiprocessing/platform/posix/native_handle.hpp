#pragma once

#include <multiprocessing/platform/posix/kept_files.hpp>

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

using native_handle = int;

inline constexpr native_handle invalid_native_handle = -1;

/// Closes a descriptor, unless that would take record locks away from this process. An interrupted close has closed it (Linux), so there is nothing to
/// repeat.
inline void close_native_handle(native_handle handle) noexcept { kept_files::close(handle); }

/// What an owner takes over: the same file by a number above those of the standard streams. A program that has closed one of these is given its number
/// for the next file that is opened; what it then prints, or another thread prints, would land in that file, which may be shared memory.
/// Invalid, as `errno` says, when there is no such number left; the descriptor is closed then.
[[nodiscard]] inline native_handle off_standard_streams(native_handle handle) noexcept {
    if (handle == invalid_native_handle || handle > STDERR_FILENO) [[likely]] {
        return handle;
    }
    const native_handle other = ::fcntl(handle, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int code = errno == EINVAL ? EMFILE : errno; // EINVAL: the limit is so low that there is no such number at all
    close_native_handle(handle);
    errno = code;
    return other;
}

} // namespace multiprocessing::platform::posix
