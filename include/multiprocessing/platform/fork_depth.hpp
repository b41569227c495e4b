#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/one_per_process.hpp>

#include <cstdint>

/// \file
/// Which of the processes that have a piece of private memory in common this one is.

namespace multiprocessing::platform {

/// Memory that is private is had in common by a process and those that were forked from it, and by no others; of a line of forks each is one deeper
/// than its parent. So whoever finds the depth that it noted in such memory is who noted it: also where both are process 1, of different pid
/// namespaces, and where a pid was given again. Windows has no fork: always 0.
class fork_depth {
public:
    /// How many forks this process is away from the one whose memory began it all. Never blocks.
    [[nodiscard]] static std::uint64_t current() { return one_per_process<count>().forks; }

private:
    struct count {
        static constexpr const char* name = "fork depth";
        static constexpr fork_turn turn = fork_turn::others;

        std::uint64_t forks = 0; // changed only by a forked child's one thread, before it goes on

        void after_fork_in_child() { ++forks; }
    };
};

} // namespace multiprocessing::platform
