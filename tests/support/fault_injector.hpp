#pragma once

#include <support/run.hpp>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/// \file
/// Lets one system call of a child fail, as it does when a system is short of something: the proof of "whatever the system refuses" is to try them all.
/// For x86-64.

namespace support {

/// What a system that is short of something, or forbids it, answers to a call that is right; 0: nothing but a success.
inline int refusal_of(long number, long second_argument) {
    switch (number) {
    case SYS_open:
    case SYS_openat:
    case SYS_memfd_create:
    case SYS_pipe2:
    case SYS_dup:
    case SYS_pidfd_open: return EMFILE;
    case SYS_mmap:
    case SYS_mremap:
    case SYS_munmap:
    case SYS_madvise:
    case SYS_brk:
    case SYS_fstat:
    case SYS_newfstatat: return ENOMEM;
    case SYS_ftruncate:
    case SYS_fallocate:
    case SYS_pwrite64: return ENOSPC;
    case SYS_read:
    case SYS_pread64:
    case SYS_getdents64: return EIO;
    case SYS_link:
    case SYS_linkat:
    case SYS_rename:
    case SYS_renameat:
    case SYS_renameat2:
    case SYS_unlink:
    case SYS_unlinkat:
    case SYS_readlink:
    case SYS_readlinkat:
    case SYS_fchmod:
    case SYS_fchown: return EACCES;
    case SYS_fork:
    case SYS_vfork:
    case SYS_clone:
    case SYS_clone3: return EAGAIN;
    case SYS_kill:
    case SYS_pidfd_send_signal: return EPERM;
    case SYS_close_range:
    case SYS_getrandom: return ENOSYS;
    case SYS_close:
    case SYS_poll:
    case SYS_ppoll:
    case SYS_wait4:
    case SYS_waitid:
    case SYS_nanosleep:
    case SYS_clock_nanosleep: return EINTR;
    case SYS_fcntl:
        return second_argument == F_DUPFD_CLOEXEC || second_argument == F_DUPFD                                                     ? EMFILE
               : second_argument == F_OFD_SETLK || second_argument == F_OFD_GETLK || second_argument == F_SETLK || second_argument == F_GETLK ? ENOLCK
                                                                                                                                            : 0;
    case SYS_futex: return (second_argument & FUTEX_CMD_MASK) == FUTEX_WAIT || (second_argument & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET ? EINTR : 0;
    default: return 0;
    }
}

struct refused_call {
    long number = -1; // -1: the operation was over before the n-th call
    int exit_code = 0;
};

/// In a child: `prepare()`, then `operation()`, whose n-th system call that can be refused (from 0 on) is refused, then `verify()`, whose result is the
/// child's exit code.
template <class Prepare, class Operation, class Verify>
[[nodiscard]] refused_call refuse_call(long n, Prepare prepare, Operation operation, Verify verify) {
    child_process child([&] {
        prepare();
        if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) {
            return failed;
        }
        ::raise(SIGSTOP);
        operation();
        ::raise(SIGSTOP);
        return verify();
    });
    const auto check = [](long result, const char* what) {
        if (result == -1) {
            throw std::runtime_error(std::string(what) + ": errno " + std::to_string(errno));
        }
    };
    refused_call done;
    int stops = 0; // of its own
    bool is_inside = false;
    int error = 0; // what the call it is inside of is to fail with
    bool is_traced = true;
    const ::pid_t pid = child.pid();
    for (int signal = 0; is_traced;) {
        int status = 0;
        check(::waitpid(pid, &status, 0), "waitpid");
        if (!WIFSTOPPED(status)) {
            static_cast<void>(child.detach());
            done.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
            return done;
        }
        signal = 0;
        if (WSTOPSIG(status) == SIGSTOP) {
            check(::ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), "PTRACE_SETOPTIONS");
            is_traced = ++stops < 2;
        } else if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
            ::user_regs_struct at{};
            check(::ptrace(PTRACE_GETREGS, pid, nullptr, &at), "PTRACE_GETREGS");
            is_inside = !is_inside;
            const auto number = static_cast<long>(at.orig_rax);
            const int possible = refusal_of(number, static_cast<long>(at.rsi));
            if (is_inside && possible != 0 && done.number == -1 && n-- == 0) {
                done.number = number;
                error = possible;
                if (number != SYS_close) { // which has closed it, whatever it answers
                    at.orig_rax = ~0ULL; // no call
                }
            } else if (!is_inside && error != 0) {
                at.rax = static_cast<unsigned long long>(-std::exchange(error, 0));
            }
            check(::ptrace(PTRACE_SETREGS, pid, nullptr, &at), "PTRACE_SETREGS");
        } else {
            signal = WSTOPSIG(status);
        }
        check(::ptrace(is_traced ? PTRACE_SYSCALL : PTRACE_DETACH, pid, nullptr, static_cast<std::intptr_t>(signal)), "PTRACE_SYSCALL");
    }
    done.exit_code = child.wait();
    return done;
}

} // namespace support
