#pragma once

#include <atomic>
#include <string>
#include <utility>

/// \file
/// Where a process stands among its kin, which is what it is called by if it was given no name.

namespace multiprocessing::detail {

/// The numbers of the children on the way from the first process to this one: "", "1", "1:2".
class process_identity {
public:
    /// The next child's.
    [[nodiscard]] static std::string next_child() {
        const std::string number = std::to_string(children_.fetch_add(1, std::memory_order_relaxed) + 1);
        return path_->empty() ? number : *path_ + ":" + number;
    }

    /// In a child that has just been made: it is the one of that identity, and has no children yet.
    static void assume(std::string path) {
        *path_ = std::move(path);
        children_.store(0, std::memory_order_relaxed);
    }

private:
    static inline std::string* const path_ = new std::string; // never destroyed: children may be made until the very end
    static inline constinit std::atomic<int> children_{0};
};

} // namespace multiprocessing::detail
