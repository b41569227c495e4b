#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/process_id.hpp>

#include <algorithm>
#include <atomic>
#include <utility>

/// \file
/// How long a spawned child may take to get to run_if_spawned().

namespace multiprocessing::detail {

/// When this process, or the one it is a copy of, came where each spawned child must come.
///
/// Nobody can see from outside whether a child still makes its static objects, or is in a main that has forgotten run_if_spawned(). But this
/// process is the same program and has gone the same way: what took it long may take a child long, and on a busy machine several times
/// as long. So a child is given some time of grace and four times what was needed here, and a minute at most, so that a main which
/// calls run_if_spawned() late does not make the error late. Only time in which the child could get on is counted: see time_given.
class own_start {
public:
    /// run_if_spawned() was called.
    static void called() noexcept {
        if (!platform::try_one_per_process<state>()) { // a copy of the library that is refused says so when it is to do something
            return;
        }
        platform::deadline never = platform::no_deadline;
        times().called.compare_exchange_strong(never, platform::clock::now(), std::memory_order_relaxed);
    }
    [[nodiscard]] static bool was_called() { return times().called.load(std::memory_order_relaxed) != platform::no_deadline; }

    /// From the start of a process until its static initialisation reaches this library: dynamic linking, and static objects made before. (In a
    /// fork, what was needed here is not known.)
    [[nodiscard]] static platform::clock::duration patience_until_loaded() {
        const platform::deadline began = platform::clock::now() - platform::current_process_age();
        return patience(std::chrono::seconds(10), times().loaded - began);
    }

    /// From there until run_if_spawned(): the other static objects, and what is above that call.
    [[nodiscard]] static platform::clock::duration patience_until_called() {
        return patience(shortest_patience, times().called.load(std::memory_order_relaxed) - times().loaded);
    }

    static constexpr std::chrono::seconds shortest_patience{5};

private:
    [[nodiscard]] static platform::clock::duration patience(platform::clock::duration grace, platform::clock::duration needed_here) {
        constexpr platform::clock::duration most = std::chrono::minutes(1);
        return (std::min)(most, grace + 4 * std::clamp(needed_here, platform::clock::duration::zero(), most));
    }

    struct state {
        static constexpr const char* name = "own start";
        static constexpr platform::fork_turn turn = platform::fork_turn::others;

        const platform::deadline loaded = platform::clock::now();
        std::atomic<platform::deadline> called{platform::no_deadline};
    };
    [[nodiscard]] static state& times() { return platform::one_per_process<state>(); }
    static inline const bool is_loaded_ = platform::try_one_per_process<state>();
};

/// How much time a child was given, as the parent sees it that looks again and again. What stops both of them does not count (Ctrl-Z, a virtual
/// machine that pauses, memory that is read back from a disk): no time between two looks counts for more than several of them. Nor does what the
/// child has waited for a processor since it began, where the system knows.
class time_given {
public:
    void look(platform::clock::duration between_looks) noexcept {
        const platform::deadline now = platform::clock::now();
        counted_ += (std::min)(now - std::exchange(last_, now), 5 * between_looks);
    }
    [[nodiscard]] platform::clock::duration counted() const noexcept { return counted_; }
    /// Whether it was given that much.
    [[nodiscard]] bool reaches(platform::clock::duration patience, const platform::child& to) const {
        return counted_ >= patience && counted_ - to.waited_for_processor() >= patience; // the system is asked last, for that opens a file
    }

private:
    platform::clock::duration counted_{};
    platform::deadline last_ = platform::clock::now();
};

} // namespace multiprocessing::detail
