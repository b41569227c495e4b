#pragma once

#include <multiprocessing/platform/posix/grow_file.hpp>

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <pthread.h>

namespace multiprocessing::platform::posix {

/// Takes all pages from the system now. Linux gives up, and gives back, whenever a signal arrives meanwhile, so a program
/// with a timer would never get much of it: from the second time on signals wait.
[[nodiscard]] inline int reserve_pages(int file, off_t bytes) noexcept {
    const auto reserve = [&] { return ::posix_fallocate(file, 0, bytes); };
    int code = grow_file(reserve);
    if (code != EINTR) {
        return code;
    }
    ::sigset_t all;
    ::sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    do {
        code = grow_file(reserve);
    } while (code == EINTR); // by what cannot wait: SIGSTOP
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return code;
}

} // namespace multiprocessing::platform::posix
