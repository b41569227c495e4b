#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/posix/fork_hooks.hpp>

#include <cstdlib>
#include <span>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// Says to the child how many descriptors it was handed: they are 3, 4, 5 ...
inline constexpr const char* handed_over_variable = "MULTIPROCESSING_HANDED_OVER";
inline constexpr native_handle first_handed_over = STDERR_FILENO + 1;

/// What this process was handed; emptied in a fork of it, which was handed nothing.
inline std::vector<native_handle>& handed_to_this_process() {
    static std::vector<native_handle> handles = [] {
        std::vector<native_handle> found;
        if (const char* const count = std::getenv(handed_over_variable)) {
            for (int i = 0; i < std::atoi(count); ++i) {
                found.push_back(first_handed_over + i);
                ::fcntl(first_handed_over + i, F_SETFD, FD_CLOEXEC);
            }
            ::unsetenv(handed_over_variable); // it is said to this process, not to those it starts
            on_fork(nullptr, nullptr, [] { handed_to_this_process().clear(); });
        }
        return found;
    }();
    return handles;
}

[[nodiscard]] inline std::span<const native_handle> inherited_handles() { return handed_to_this_process(); }

/// Before main, and so before there are threads: the environment is changed.
inline const bool handles_taken_over = (static_cast<void>(inherited_handles()), true);

} // namespace multiprocessing::platform::posix
