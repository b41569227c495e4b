#pragma once

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/// \file
/// Kills a child after a given number of machine instructions: the proof of "at any instruction" is to try them all.

namespace stepper {

/// A forked child that is traced, and stands still just before `operation`. Killed by the destructor if it still lives.
///
/// The child stops itself before the operation and after it, so what is stepped through is the operation, and a few
/// instructions of the C library on either side.
class victim {
public:
    template <class Operation>
    explicit victim(Operation operation) : victim([] {}, operation) {}

    /// `prepare` is run at full speed, `operation` step by step.
    template <class Prepare, class Operation>
    victim(Prepare prepare, Operation operation) : pid_(::fork()) {
        if (pid_ < 0) {
            throw std::runtime_error("fork failed");
        }
        if (pid_ == 0) {
            prepare();
            ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
            ::raise(SIGSTOP);
            operation();
            ::raise(SIGSTOP);
            ::_exit(0);
        }
        if (next_stop() != SIGSTOP) {
            throw std::runtime_error("the child did not stop before the operation");
        }
        ::ptrace(PTRACE_SETOPTIONS, pid_, nullptr, PTRACE_O_EXITKILL);
    }
    victim(const victim&) = delete;
    victim& operator=(const victim&) = delete;
    ~victim() { kill(); }

    /// Executes up to `count` instructions; false when the operation was complete before that.
    bool step(long count) { return advance(PTRACE_SINGLESTEP, count); }

    /// The same in halves of system calls: from the beginning of one to its end, to the beginning of the next.
    bool step_calls(long count) { return advance(PTRACE_SYSCALL, count); }

    void kill() noexcept {
        if (!dead_) {
            ::kill(pid_, SIGKILL);
            int status = 0;
            while (::waitpid(pid_, &status, 0) == pid_ && !WIFSIGNALED(status) && !WIFEXITED(status)) {
            }
            dead_ = true;
        }
    }

private:
    bool advance(decltype(PTRACE_SYSCALL) how, long count) {
        for (long i = 0; i < count; ++i) {
            if (::ptrace(how, pid_, nullptr, nullptr) != 0) {
                throw std::runtime_error("single-stepping failed: errno " + std::to_string(errno));
            }
            switch (const int signal = next_stop()) {
            case SIGTRAP:
            case SIGCHLD: // of a child that the operation has ended
                break;
            case SIGSTOP:
                return false;
            default:
                throw std::runtime_error("the child was stopped by signal " + std::to_string(signal));
            }
        }
        return true;
    }

    int next_stop() {
        int status = 0;
        if (::waitpid(pid_, &status, 0) != pid_ || !WIFSTOPPED(status)) {
            dead_ = WIFEXITED(status) || WIFSIGNALED(status);
            throw std::runtime_error("the child ended by itself");
        }
        return WSTOPSIG(status);
    }

    ::pid_t pid_;
    bool dead_ = false;
};

/// For n = 0, 1, 2 ... kills a fresh victim that has advanced by n steps, until one gets to the end of its operation.
template <class Make, class Step, class Check>
long kill_at_every_step(Make make, Step step, Check check) {
    for (long n = 0;; ++n) {
        bool completed = false;
        {
            auto scene = make();
            completed = !step(*scene, n);
            scene->kill();
            check(*scene, completed);
        }
        if (completed) {
            return n;
        }
    }
}

/// Steps are instructions. `make()` sets the scene and returns a victim, `check(victim, completed)` looks at it once the victim is dead. Returns
/// the number of instructions tried.
template <class Make, class Check>
long kill_at_every_instruction(Make make, Check check) {
    return kill_at_every_step(make, [](auto& scene, long n) { return scene.step(n); }, check);
}

/// Steps are halves of system calls: of all instructions those that change what other processes can see, when the operation
/// writes to memory of its own only. Returns the number of halves tried.
template <class Make, class Check>
long kill_at_every_system_call(Make make, Check check) {
    return kill_at_every_step(make, [](auto& scene, long n) { return scene.step_calls(n); }, check);
}

} // namespace stepper
