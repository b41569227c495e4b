#pragma once

#include "check.hpp"

#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/// \file
/// The peer: CPython's multiprocessing, in a Python process that the benchmark starts and asks.

namespace benchmarks {

/// Runs `work(n)`, which the Python source defines, as often as asked, and says how long it took by Python's own clock.
class python {
public:
    explicit python(const std::string& source) {
        int to_child[2];
        int from_child[2];
        check(::pipe2(to_child, O_CLOEXEC) == 0 && ::pipe2(from_child, O_CLOEXEC) == 0, "pipe2");
        std::string program = source + R"(
import sys, time
for line in sys.stdin:
    begin = time.process_time_ns()
    work(int(line))
    print(time.process_time_ns() - begin, flush=True)
)";
        ::posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, to_child[0], STDIN_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, from_child[1], STDOUT_FILENO);
        std::string name("python3");
        std::string option("-c");
        char* const arguments[] = {name.data(), option.data(), program.data(), nullptr};
        errno = ::posix_spawnp(&child_, "python3", &actions, nullptr, arguments, ::environ);
        check(errno == 0, "posix_spawnp(python3)");
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(to_child[0]);
        ::close(from_child[1]);
        requests_ = ::fdopen(to_child[1], "w");
        answers_ = ::fdopen(from_child[0], "r");
    }
    ~python() {
        ::fclose(requests_);
        ::fclose(answers_);
        ::waitpid(child_, nullptr, 0);
    }
    python(const python&) = delete;
    python& operator=(const python&) = delete;

    /// Processor time of Python's process, in seconds.
    [[nodiscard]] double seconds_for(std::int64_t times) const {
        ::fprintf(requests_, "%lld\n", static_cast<long long>(times));
        ::fflush(requests_);
        long long nanoseconds = 0;
        if (::fscanf(answers_, "%lld", &nanoseconds) != 1) {
            throw std::runtime_error("python3 did not answer");
        }
        return 1e-9 * static_cast<double>(nanoseconds);
    }

private:
    ::pid_t child_ = 0;
    ::FILE* requests_ = nullptr;
    ::FILE* answers_ = nullptr;
};

} // namespace benchmarks
