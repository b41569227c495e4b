#pragma once

#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/platform/fork.hpp>
#include <multiprocessing/process/detail/process_access.hpp>
#include <multiprocessing/process/detail/run_child.hpp>
#include <multiprocessing/process/detail/this_process.hpp>
#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/robust/this_thread_life.hpp>

#include <memory>

namespace multiprocessing::detail {

/// Also compiles where there is no fork, and where nothing calls it: see may_fork.
template <class Run>
[[nodiscard]] std::unique_ptr<platform::child> fork_if_possible([[maybe_unused]] Run run) {
    if constexpr (platform::can_fork) {
        return platform::fork_child(run);
    } else {
        return nullptr;
    }
}

MULTIPROCESSING_INLINE Process fork_and_run(process_options options, function_ref<void()> function) {
    next_child next(std::move(options.name), options.daemon);
    auto child = fork_if_possible([&]() noexcept {
        robust::thread_is_in_no_scope_of_parents();
        return run_child(next.certificate(), std::move(next.parent()), function);
    });
    next.is_there();
    return process_access::make(std::move(child), next.certificate().name, options.daemon);
}

} // namespace multiprocessing::detail
