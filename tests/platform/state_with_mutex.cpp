// Beside it: tests/platform/one_per_process.cpp, with forks.
#include "support/catch.hpp"

#include <multiprocessing/platform/state_with_mutex.hpp>

#include <thread>

TEST_CASE("state_with_mutex holds its mutex from before a fork until behind it") {
    multiprocessing::platform::state_with_mutex state;
    const auto is_free = [&] {
        bool free = false;
        std::thread([&] {
            free = state.mutex.try_lock();
            if (free) {
                state.mutex.unlock();
            }
        }).join();
        return free;
    };
    REQUIRE(is_free());
    state.before_fork();
    REQUIRE_FALSE(is_free());
    state.after_fork_in_parent();
    REQUIRE(is_free());
    state.before_fork();
    state.after_fork_in_child();
    REQUIRE(is_free());
}
