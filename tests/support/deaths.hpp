#pragma once

#include <support/memory_cgroup.hpp>
#include <support/run.hpp>
#include <support/start.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/// \file
/// The ways in which a process can end, or stop being the program that it was.

namespace support {

/// One way. The victim calls `in_victim`, which may not return; then the test calls `by_test` with its number.
struct death {
    const char* name;
    void (*in_victim)();
    void (*by_test)(::pid_t);
};

namespace detail {

inline void nothing(::pid_t) {}
inline void kill(::pid_t victim) { ::kill(victim, SIGKILL); }

inline void stop_and_kill(::pid_t victim) {
    ::kill(victim, SIGSTOP);
    if (!eventually([&] { return state_of(victim) == 'T'; })) {
        throw std::runtime_error("the victim did not stop");
    }
    ::kill(victim, SIGKILL);
}
inline void kill_and_release(::pid_t victim) {
    constexpr long process_mrelease = 448;
    const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, victim, 0));
    ::kill(victim, SIGSTOP);
    ::kill(victim, SIGKILL);
    ::syscall(process_mrelease, handle, 0);
    ::close(handle);
}

// By the victim. A handler of a signal may call them, but for leave_a_child.

inline void crash() {
    ::rlimit some{1 << 20, 1 << 20};
    ::setrlimit(RLIMIT_CORE, &some);
    static_cast<void>(::chdir("/proc")); // where none can be written, but the system tries
    std::signal(SIGSEGV, SIG_DFL);
    ::raise(SIGSEGV);
}
inline void forget_robust_mutexes() { ::syscall(SYS_set_robust_list, nullptr, 3 * sizeof(long)); }
inline void leave_a_child() {
    if (::fork() == 0) {
        ::sleep(1);
        ::_exit(0);
    }
}
inline void leave_a_program() {
    if (::vfork() == 0) {
        ::execl("/bin/sleep", "sleep", "1", nullptr);
        ::_exit(127);
    }
}
inline void close_everything() {
    for (int file = 3; file < 1024; ++file) {
        ::close(file);
    }
}

/// What the kernel runs out of in the group that the victim has joined.
inline void eat_memory() {
    for (;;) {
        constexpr std::size_t piece = std::size_t{1} << 20;
        std::memset(std::malloc(piece), 1, piece);
    }
}

template <void (*first)()>
void and_stay_alive() {
    first();
    stay_alive();
}

} // namespace detail

inline constexpr std::array deaths{
    death{"SIGKILL", stay_alive, detail::kill},
    death{"SIGSTOP, and then SIGKILL", stay_alive, detail::stop_and_kill},
    death{"SIGKILL, and its memory is taken away before it runs again (process_mrelease)", stay_alive, detail::kill_and_release},
    death{"a signal that writes a core", detail::crash, detail::nothing},
    death{"_exit", [] { ::_exit(0); }, detail::nothing},
    death{"_exit of another thread",
          [] {
              std::thread([] { ::_exit(0); }).detach();
              stay_alive();
          },
          detail::nothing},
    death{"exec", [] { ::execl("/bin/sleep", "sleep", "60", nullptr); }, detail::nothing},
    death{"exec of a thread that is not the first",
          [] {
              std::thread([] { ::execl("/bin/sleep", "sleep", "60", nullptr); }).detach();
              stay_alive();
          },
          detail::nothing},
    death{"SIGKILL after it has closed all descriptors", detail::and_stay_alive<detail::close_everything>, detail::kill},
    death{"SIGKILL when it has no list of robust mutexes", detail::and_stay_alive<detail::forget_robust_mutexes>, detail::kill},
    death{"SIGKILL while a child that it forked lives on", detail::and_stay_alive<detail::leave_a_child>, detail::kill},
    death{"SIGKILL while a program that it started by vfork lives on", detail::and_stay_alive<detail::leave_a_program>, detail::kill},
};

} // namespace support
