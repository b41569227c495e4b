#pragma once

#include <cstdlib>
#include <string_view>

#ifndef _WIN32
#    include <support/seccomp.hpp>

#    include <array>
#    include <cerrno>
#    include <cstdio>
#    include <thread>

#    include <fcntl.h>
#    include <sys/resource.h>
#    include <sys/syscall.h>
#    include <unistd.h>
#endif

/// \file
/// Surroundings that other people's programs have, for the whole suite: MULTIPROCESSING_TEST_SURROUNDINGS=<name> in the environment (CONTRIBUTING.md).

namespace support {

/// Makes them in this process. False when there are none of that name, or not on this system.
[[nodiscard]] inline bool make_surroundings([[maybe_unused]] std::string_view name) {
#ifndef _WIN32
    if (name == "closed_streams") { // what a test says then goes nowhere: its exit code is all
        return ::close(STDIN_FILENO) == 0 && ::close(STDOUT_FILENO) == 0 && ::close(STDERR_FILENO) == 0;
    }
    if (name == "held_stdin") { // as by a thread that waits for somebody to type
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0 || ::dup2(ends[0], STDIN_FILENO) != STDIN_FILENO) {
            return false;
        }
        ::close(ends[0]);
        std::thread([] { static_cast<void>(std::getchar()); }).detach();
        while (::ftrylockfile(stdin) == 0) { // until it holds the lock of the stream
            ::funlockfile(stdin);
            std::this_thread::yield();
        }
        return true;
    }
    if (name == "few_descriptors") {
        ::rlimit few{};
        if (::getrlimit(RLIMIT_NOFILE, &few) != 0) {
            return false;
        }
        few.rlim_cur = 64; // and not the hard one: tests that set a limit of their own go on
        return ::setrlimit(RLIMIT_NOFILE, &few) == 0;
    }
    if (name == "byte_locks") { // a system without locks of open file descriptions: who lives is told otherwise
        return refuse_from_now_on({"fcntl", SYS_fcntl, 1, F_OFD_GETLK, F_OFD_SETLKW}, EINVAL);
    }
#endif
    return false;
}

/// Those that are asked for, if any. False when they cannot be made.
[[nodiscard]] inline bool make_surroundings() {
    const char* const name = std::getenv("MULTIPROCESSING_TEST_SURROUNDINGS"); // NOLINT(concurrency-mt-unsafe): there are no threads yet
    return name == nullptr || *name == '\0' || make_surroundings(name);
}

} // namespace support
