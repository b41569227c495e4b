#pragma once

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <pthread.h>

namespace multiprocessing::platform::posix {

/// Takes all pages from the system now. Linux gives up, and gives back, whenever a signal arrives meanwhile, so a program
/// with a timer would never get much of it: from the second time on signals wait.
[[nodiscard]] inline int reserve_pages(int file, off_t bytes) noexcept {
    int code = ::posix_fallocate(file, 0, bytes);
    if (code != EINTR) {
        return code;
    }
    ::sigset_t all;
    ::sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    do {
        code = ::posix_fallocate(file, 0, bytes);
    } while (code == EINTR); // by what cannot wait: SIGSTOP
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return code;
}

} // namespace multiprocessing::platform::posix
