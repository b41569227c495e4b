#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "explorer.hpp"

/// \file
/// Explores, compares with what is expected, and writes it down.

namespace models {

class report {
public:
    void begin(const char* model) { std::printf("%s\n", model); }

    /// Nothing is wrong, in any state.
    template <class Model>
    void holds(const char* what, limits allowed) {
        const result found = explore<Model>(allowed);
        line(what, Model::threads, allowed, found, "holds", found.wrong.empty());
    }

    /// With something taken out, this is found.
    template <class Model>
    void finds(const char* what, limits allowed, const char* wrong) {
        const result found = explore<Model>(allowed);
        line(what, Model::threads, allowed, found, "is found to fail", found.wrong == wrong);
    }

    void says(const char* what, bool is_right, const std::string& seen) {
        std::printf("  %-60s %s\n", what, is_right ? "as C++ says" : ("WRONG: " + seen).c_str());
        failures_ += is_right ? 0 : 1;
    }

    [[nodiscard]] int failures() const { return failures_; }
    [[nodiscard]] std::size_t states() const { return states_; }

    bool shows_traces = false;

private:
    template <class Model>
    [[nodiscard]] result explore(limits allowed) {
        const result found = explorer<Model>::explore(Model{}, allowed);
        states_ += found.states;
        return found;
    }

    void line(const char* what, int threads, limits allowed, const result& found, const char* expected, bool is_expected) {
        std::printf("  %-60s %d threads, %d deaths, %d stops %8zu states: ", what, threads, allowed.deaths, allowed.stops, found.states);
        if (is_expected) {
            std::printf("%s%s%s\n", expected, found.wrong.empty() ? "" : ": ", found.wrong.c_str());
        } else {
            std::printf("NOT AS EXPECTED (it %s): %s\n", expected, found.wrong.empty() ? "holds" : found.wrong.c_str());
            ++failures_;
        }
        for (std::size_t i = 0; i < found.trace.size() && (shows_traces || !is_expected); ++i) {
            std::printf("      %s\n", found.trace[i].c_str());
        }
        std::fflush(stdout);
    }

    int failures_ = 0;
    std::size_t states_ = 0;
};

} // namespace models
