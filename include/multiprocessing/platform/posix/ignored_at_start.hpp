#pragma once

#include <multiprocessing/platform/one_per_process.hpp>

#include <csignal>

namespace multiprocessing::platform::posix {

/// The signals of terminals that this process was started to ignore, when the first copy of this library was loaded: by `nohup` (SIGHUP), or by a shell that
/// runs it in the background of a script (SIGINT, SIGQUIT). Who started it meant the processes that it starts, too; what the program ignores later is its own
/// affair.
struct ignored_at_start {
    static constexpr const char* name = "ignored at start";
    static constexpr fork_turn turn = fork_turn::others;
    static constexpr int asked[] = {SIGHUP, SIGINT, SIGQUIT};

    ::sigset_t set;

    ignored_at_start() noexcept {
        ::sigemptyset(&set);
        for (const int each : asked) {
            struct ::sigaction now {};
            if (::sigaction(each, nullptr, &now) == 0 && now.sa_handler == SIG_IGN) {
                ::sigaddset(&set, each);
            }
        }
    }
};

inline const bool knows_ignored_at_start = try_one_per_process<ignored_at_start>();

} // namespace multiprocessing::platform::posix
