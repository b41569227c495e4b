#pragma once

#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/posix/child.hpp>
#include <multiprocessing/platform/posix/printed_output.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include <fcntl.h>
#include <stdio_ext.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// Ends the process without the exit handlers and the buffered *input* it inherited (giving that back would move the parent's position
/// in a file they share).
[[noreturn]] inline void end_child(int status, const printed_output& output) noexcept {
    output.write_all();
    ::_exit(status);
}

inline void read_nothing_from_standard_input() noexcept {
    if (const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC); nothing > 0) {
        ::dup2(nothing, STDIN_FILENO);
        ::close(nothing);
    }
    ::__fpurge(stdin); // nor is there what the parent had read ahead; by std::cin: see printed_output
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
    const printed_output output;
    read_nothing_from_standard_input();
#if defined(__GLIBC__)
    // Exit handlers run in reverse order, so those that the child registers come before this one, and those it inherited would
    // come after it. It is told the status also when somebody deep inside calls std::exit.
    const auto at_exit = [](int status, void* its_output) { end_child(status, *static_cast<const printed_output*>(its_output)); };
    if (::on_exit(at_exit, const_cast<printed_output*>(&output)) == 0) {
        std::exit(run());
    }
#endif
    end_child(run(), output);
}

} // namespace multiprocessing::platform::posix
