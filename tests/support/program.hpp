#pragma once

#include "support/run.hpp"

#include <multiprocessing/platform/native_handle.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

/// \file
/// A child program of its own: tests/children/<name>.cpp.

namespace support {

/// Runs with its stdout read by the test. Killed and waited for, if nobody did, by the destructor; and by its alarm.
class program {
public:
    explicit program(const std::string& name, std::vector<std::string> arguments = {}, const std::string& variable = {})
        : program(std::string(MULTIPROCESSING_TEST_CHILDREN "/") + name, std::move(arguments), variable, 0) {}

    [[nodiscard]] static program at(const std::string& path, std::vector<std::string> arguments = {}) { return program(path, std::move(arguments), {}, 0); }

    program(program&& other) noexcept
        : pid_(std::exchange(other.pid_, 0)), out_(std::move(other.out_)), read_(std::move(other.read_)) {}
    program& operator=(program&&) = delete;
    ~program() {
        if (pid_ != 0) {
            ::kill(pid_, SIGKILL);
            wait_for(pid_);
        }
    }

    [[nodiscard]] ::pid_t pid() const noexcept { return pid_; }

    /// What it and its children wrote until the text is there, or until all of them have ended. Throws when that takes too long.
    const std::string& read_until(const std::string& text) {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (read_.find(text) == std::string::npos) {
            ::pollfd ask{out_.get(), POLLIN, 0};
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
            if (left.count() <= 0 || (::poll(&ask, 1, static_cast<int>(left.count())) == 0)) {
                throw std::runtime_error("a child program does not end, or does not write: " + text);
            }
            char buffer[4096];
            const auto got = ::read(out_.get(), buffer, sizeof(buffer));
            if (got == 0) {
                break;
            }
            if (got > 0) {
                read_.append(buffer, static_cast<std::size_t>(got));
            }
        }
        return read_;
    }

    /// Everything that it and all of its children wrote.
    const std::string& read_all() { return read_until(std::string("\0never written", 14)); }

    int wait() { return wait_for(std::exchange(pid_, 0)); }
    int kill() {
        ::kill(pid_, SIGKILL);
        return wait();
    }

private:
    program(const std::string& path, std::vector<std::string> arguments, const std::string& variable, int) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) {
            throw std::system_error(errno, std::generic_category(), "pipe2");
        }
        out_.reset(above_streams(ends[0]));
        const multiprocessing::platform::owned_handle write_end(above_streams(ends[1]));
        std::vector<char*> pointers{const_cast<char*>(path.c_str())};
        for (std::string& each : arguments) {
            pointers.push_back(each.data());
        }
        pointers.push_back(nullptr);
        flush_output();
        pid_ = ::fork(); // which sets an alarm, and exec leaves it
        if (pid_ < 0) {
            throw std::system_error(errno, std::generic_category(), "fork");
        }
        if (pid_ == 0) {
            ::dup2(write_end.get(), STDOUT_FILENO);
            if (!variable.empty()) {
                ::putenv(const_cast<char*>(variable.c_str()));
            }
            ::execv(path.c_str(), pointers.data());
            ::_exit(failed);
        }
    }

    ::pid_t pid_ = 0;
    multiprocessing::platform::owned_handle out_;
    std::string read_;
};

/// Whether the process is gone, or has ended and is only waited for, within so long.
[[nodiscard]] inline bool is_gone_within(::pid_t pid, std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    for (;;) {
        const char state = state_of(pid);
        if (state == '\0' || state == 'Z' || state == 'X') {
            return true;
        }
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

} // namespace support
