#pragma once

#include <cstddef>
#include <vector>

/// \file
/// The orders of memory, and what a step may choose from.

namespace models {

enum class order { relaxed, acquire, release, acq_rel };
[[nodiscard]] constexpr bool acquires(order how) { return how == order::acquire || how == order::acq_rel; }
[[nodiscard]] constexpr bool releases(order how) { return how == order::release || how == order::acq_rel; }
[[nodiscard]] constexpr const char* name_of(order how) {
    constexpr const char* names[]{"relaxed", "acquire", "release", "acq_rel"};
    return names[static_cast<int>(how)];
}

/// What a step may choose from. The explorer runs each step again and again, until it has chosen everything.
class choices {
public:
    /// A number below `count`, which is at least 1.
    [[nodiscard]] int choose(int count) {
        if (position_ == chosen_.size()) {
            chosen_.push_back({0, count});
        }
        return chosen_[position_++].taken;
    }
    void begin() { position_ = 0; }
    /// To the next combination; false after the last.
    [[nodiscard]] bool next() {
        while (!chosen_.empty() && ++chosen_.back().taken == chosen_.back().count) {
            chosen_.pop_back();
        }
        return !chosen_.empty();
    }

private:
    struct choice {
        int taken;
        int count;
    };
    std::vector<choice> chosen_;
    std::size_t position_ = 0;
};

} // namespace models
