#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/fork_hooks.hpp>

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
    [[nodiscard]] static std::uint64_t current() noexcept { return current_; }

private:
    static inline constinit std::uint64_t current_ = 0; // changed only by a forked child's one thread, before it goes on
    [[gnu::init_priority(101)]] static inline const fork_hook hooked_{nullptr, nullptr, [] { ++current_; }};
};

} // namespace multiprocessing::platform
