#pragma once
#include <multiprocessing/base/language.hpp>

#include <mutex>

/// \file
/// What a State (platform/one_per_process.hpp) with a mutex derives from.

namespace multiprocessing::platform {

/// The mutex is held around every fork, so that a child finds it free, and what it guards whole.
struct state_with_mutex {
    std::mutex mutex; ///< Guards what the derived State has.

    void before_fork() { mutex.lock(); } ///< Waits for it.
    void after_fork_in_parent() { mutex.unlock(); } ///< Gives it back.
    void after_fork_in_child() { mutex.unlock(); } ///< Gives it back.
};

} // namespace multiprocessing::platform
