#pragma once

#include <support/deaths.hpp>
#include <support/memory_cgroup.hpp>
#include <support/run.hpp>
#include <support/sanitized.hpp>
#include <support/soak.hpp>

#include <csignal>
#include <cstddef>
#include <cstring>
#include <thread>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

/// \file
/// The ways of deaths.hpp, for a process that may be at any instruction when its end comes.

namespace support {

/// A worker calls `prepare` when it begins. When its time has come, the test calls `end` with its number; it then ends by itself, with `code`: an exit
/// code, or minus a signal.
struct storm_death {
    const char* name;
    void (*prepare)();
    void (*end)(::pid_t);
    int code;
};

namespace detail {

inline void as_it_is() {}

/// The signal's handler ends the process, wherever that is. `how` calls what a handler may call.
template <void (*how)()>
void end_in_handler() {
    std::signal(SIGUSR1, [](int) { how(); });
}

/// A second thread waits for the signal, and ends the process by `how`.
template <void (*how)()>
void end_in_other_thread() {
    ::sigset_t usr1;
    ::sigemptyset(&usr1);
    ::sigaddset(&usr1, SIGUSR1);
    ::pthread_sigmask(SIG_BLOCK, &usr1, nullptr);
    std::thread([usr1] {
        int got = 0;
        ::sigwait(&usr1, &got);
        how();
    }).detach();
}

inline void ask_to_end(::pid_t victim) { ::kill(victim, SIGUSR1); }

inline void exit_at_once() { ::_exit(0); }
inline void execute() { ::execl("/bin/true", "true", nullptr); }

/// For those who want more memory than there is. Made before the first of them, which inherits it.
inline const memory_cgroup& small_group() {
    static const memory_cgroup group(1 << 20);
    return group;
}
inline void run_out_of_memory() {
    constexpr std::size_t enough = std::size_t{64} << 20;
    void* const more = ::mmap(nullptr, enough, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (more == MAP_FAILED || !small_group().join()) {
        ::_exit(failed);
    }
    std::memset(more, 1, enough);
}

} // namespace detail

/// Those that can be had here.
inline std::vector<storm_death> storm_deaths() {
    using namespace detail;
    std::vector<storm_death> all{
        {"SIGKILL", as_it_is, kill, -SIGKILL},
        {"SIGSTOP, and then SIGKILL", as_it_is, stop_and_kill, -SIGKILL},
        {"SIGKILL, and its memory is taken away (process_mrelease)", as_it_is, kill_and_release, -SIGKILL},
    };
    if (sanitized) {
        return all; // where a handler runs when the sanitizer finds it convenient
    }
    all.insert(all.end(), {
                              {"a signal that writes a core", end_in_handler<crash>, ask_to_end, -SIGSEGV},
                              {"_exit", end_in_handler<exit_at_once>, ask_to_end, 0},
                              {"_exit of another thread", end_in_other_thread<exit_at_once>, ask_to_end, 0},
                              {"exec", end_in_handler<execute>, ask_to_end, 0},
                              {"exec of a thread that is not the first", end_in_other_thread<execute>, ask_to_end, 0},
                              {"SIGKILL when it has no list of robust mutexes", forget_robust_mutexes, kill, -SIGKILL},
                              {"SIGKILL while a child that it forked lives on", leave_a_child, kill, -SIGKILL},
                              {"SIGKILL while a program that it started by vfork lives on", leave_a_program, kill, -SIGKILL},
                          });
    if (small_group().is_there()) {
        all.push_back({"the system has no memory left", end_in_handler<run_out_of_memory>, ask_to_end, -SIGKILL});
    }
    if (soaks()) { // alone on its machine: /proc/locks has to stay within a page
        all.push_back({"SIGKILL when it has closed all descriptors", close_everything, kill, -SIGKILL});
    }
    return all;
}

} // namespace support
