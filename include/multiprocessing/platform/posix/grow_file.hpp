#pragma once

#include <multiprocessing/platform/os_error.hpp>

#include <cerrno>
#include <csignal>
#include <string>

#include <pthread.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <time.h>

namespace multiprocessing::platform::posix {

/// Calls `grow`, which makes one of the library's files larger, or writes to one, and returns an error code, or 0. Returns what it returned.
///
/// Where the limit of this process forbids the size (RLIMIT_FSIZE, `ulimit -f`, which bounds files in memory, too) the system says so by EFBIG, and by SIGXFSZ
/// to the thread, which by default ends the process. Here the error is all: the signal is blocked meanwhile, and the one that came is taken. Its handler and
/// the thread's mask are the program's and stay as they are, and so does a signal that waited before.
template <class Grow>
[[nodiscard]] int grow_file(Grow grow) noexcept {
    ::sigset_t too_large;
    ::sigset_t before;
    ::sigset_t waiting;
    ::sigemptyset(&too_large);
    ::sigaddset(&too_large, SIGXFSZ);
    ::sigemptyset(&waiting);
    ::pthread_sigmask(SIG_BLOCK, &too_large, &before);
    if (::sigismember(&before, SIGXFSZ) == 1) {
        ::sigpending(&waiting);
    }
    const int code = grow();
    if (code != 0 && ::sigismember(&waiting, SIGXFSZ) != 1) [[unlikely]] {
        constexpr ::timespec no_time{0, 0};
        while (::sigtimedwait(&too_large, nullptr, &no_time) < 0 && errno == EINTR) {
        }
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return code;
}

/// Throws what `grow_file` gave for a file that was to have so many bytes.
[[noreturn]] inline void throw_not_grown(int code, const char* call, const std::string& file, ::off_t bytes) {
    ::rlimit limit{};
    if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && static_cast<::rlim_t>(bytes) > limit.rlim_cur) {
        throw_os_error(EFBIG, call, file + ", which is more than the " + std::to_string(limit.rlim_cur) +
                                        " bytes that a file of this process may have, also one in memory, by its limit RLIMIT_FSIZE: raise it (ulimit -f)");
    }
    throw_os_error(code, call, file);
}

} // namespace multiprocessing::platform::posix
