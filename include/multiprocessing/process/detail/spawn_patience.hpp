#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/process_id.hpp>

#include <algorithm>
#include <atomic>

/// \file
/// How long a spawned child may take to get to run_if_spawned().

namespace multiprocessing::detail {

/// When this process, or the one it is a copy of, came where each spawned child must come.
///
/// Nobody can see from outside whether a child still makes its static objects, or is in a main that has forgotten run_if_spawned(). But this
/// process is the same program and has gone the same way: what took it long may take a child long, and on a busy machine several times
/// as long. So a child is given some time of grace and four times what was needed here, and a minute at most, so that a main which
/// calls run_if_spawned() late does not make the error late.
class own_start {
public:
    /// run_if_spawned() was called.
    static void called() noexcept {
        platform::deadline never = platform::no_deadline;
        called_.compare_exchange_strong(never, platform::clock::now(), std::memory_order_relaxed);
    }
    [[nodiscard]] static bool was_called() noexcept { return called_.load(std::memory_order_relaxed) != platform::no_deadline; }

    /// From the start of a process until its static initialisation reaches this library: dynamic linking, and static objects made before. (In a
    /// fork, what was needed here is not known.)
    [[nodiscard]] static platform::clock::duration patience_until_loaded() {
        const platform::deadline began = platform::clock::now() - platform::current_process_age();
        return patience(std::chrono::seconds(10), loaded_ - began);
    }

    /// From there until run_if_spawned(): the other static objects, and what is above that call.
    [[nodiscard]] static platform::clock::duration patience_until_called() {
        return patience(std::chrono::seconds(1), called_.load(std::memory_order_relaxed) - loaded_);
    }

private:
    [[nodiscard]] static platform::clock::duration patience(platform::clock::duration grace, platform::clock::duration needed_here) {
        constexpr platform::clock::duration most = std::chrono::minutes(1);
        return std::min(most, grace + 4 * std::clamp(needed_here, platform::clock::duration::zero(), most));
    }

    static inline const platform::deadline loaded_ = platform::clock::now();
    static inline constinit std::atomic<platform::deadline> called_{platform::no_deadline};
};

} // namespace multiprocessing::detail
