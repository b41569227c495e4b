#pragma once

#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/posix/child.hpp>
#include <multiprocessing/platform/posix/printed_output.hpp>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>

#include <fcntl.h>
#include <stdio_ext.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// Ends the process without the exit handlers and the buffered *input* it inherited (giving that back would move the parent's position
/// in a file they share).
[[noreturn]] inline void end_child(int status) noexcept {
    printed_output::write_all();
    ::_exit(status);
}

inline void read_nothing_from_standard_input() noexcept {
    if (const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC); nothing > 0) {
        ::dup2(nothing, STDIN_FILENO);
        ::close(nothing);
    }
    // Nor is there what the parent had read ahead.
    ::__fpurge(stdin);
    try {
        if (const std::streamsize ahead = std::cin.rdbuf()->in_avail(); ahead > 0) {
            std::cin.ignore(ahead);
        }
    } catch (...) { // the stream was told to throw
    }
}

template <class Run>
[[nodiscard]] std::unique_ptr<child> fork_child(Run&& run) {
    auto one = std::make_unique<child>();
    printed_output::write_first();
    const ::pid_t pid = ::fork();
    if (pid < 0) {
        throw_os_error(last_os_error(), "fork", "a child process");
    }
    if (pid != 0) {
        one->adopt(pid);
        return one;
    }
    one.reset();
    printed_output::forget_inherited();
    read_nothing_from_standard_input();
#if defined(__GLIBC__)
    // Exit handlers run in reverse order, so those that the child registers come before this one, and those it inherited would
    // come after it. It is told the status also when somebody deep inside calls std::exit.
    if (::on_exit([](int status, void*) { end_child(status); }, nullptr) == 0) {
        std::exit(run());
    }
#endif
    end_child(run());
}

} // namespace multiprocessing::platform::posix
