#pragma once

#include <support/own_dev_shm.hpp>
#include <support/run.hpp>
#include <support/stepper.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

/// \file
/// What came of killing one operation at every instruction. docs/robustness.md shows the lines it prints.

namespace stepper {

/// A survivor that has not got on by then sleeps for ever. Promised is one slice (16 ms), and what the report prints is to be that; but a
/// busy machine may leave a process that is awake without a processor for seconds.
inline constexpr std::chrono::seconds longest_wait{10};

class kill_report {
public:
    /// `in_order`: an outcome that has been followed by another never comes again. It holds where all victims take the same way.
    explicit kill_report(std::string operation, bool in_order = true) : operation_(std::move(operation)), in_order_(in_order) {}

    /// Counts what was found after a victim's death.
    void note(const std::string& outcome, bool completed) {
        if (in_order_ && !completed && outcome != latest_) {
            support::expect(!count_.contains(outcome) || count_[outcome].completed == count_[outcome].all, "an outcome came again");
            latest_ = outcome;
        }
        ++count_[outcome].all;
        count_[outcome].completed += completed ? 1 : 0;
        support::expect(!shm_.has_something_new(), "nothing is left in /dev/shm");
    }

    /// How long it took a survivor to have what the dead had.
    void note_wait(std::chrono::steady_clock::duration wait) {
        worst_ = std::max(worst_, wait);
        support::expect(wait < longest_wait, "no survivor is left asleep");
    }

    /// Prints the line.
    void print(const tries& tried) const {
        std::printf("killed: %-58s %6ld victims:", operation_.c_str(), tried.victims);
        const char* separator = " ";
        for (const auto& [outcome, times] : count_) {
            std::printf("%s%ld %s", std::exchange(separator, ", "), times.all, outcome.c_str());
        }
        if (worst_ != worst_.zero()) {
            std::printf("; longest wait %.1f ms", std::chrono::duration<double, std::milli>(worst_).count());
        }
        if (tried.strayed != 0) {
            std::printf("; %ld went another way", tried.strayed);
        }
        std::puts("");
    }

private:
    struct counted {
        long all = 0;
        long completed = 0;
    };

    std::string operation_;
    bool in_order_;
    std::map<std::string, counted> count_;
    std::string latest_;
    std::chrono::steady_clock::duration worst_{};
    support::own_dev_shm shm_;
};

} // namespace stepper
