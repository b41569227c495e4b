#pragma once

#include <multiprocessing/platform/windows/child.hpp>

#include <memory>

namespace multiprocessing::platform::windows {

/// Refused where it is called, and by a message that names what to call instead.
template <class Run>
[[nodiscard]] std::unique_ptr<child> fork_child(Run&&) {
    static_assert(sizeof(Run) == 0, "multiprocessing: this system has no fork. Write spawn<f>(args...), which works on every system.");
    return nullptr;
}

} // namespace multiprocessing::platform::windows
