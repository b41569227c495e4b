#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/fork_depth.hpp>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

/// \file
/// What this process knows of a child.

namespace multiprocessing::detail {

/// One child, as all handles of it in this process see it.
struct process_record {
    process_record(std::unique_ptr<platform::child> started, std::string called, bool is_daemon) noexcept
        : child(std::move(started)), name(std::move(called)), daemon(is_daemon) {}

    std::unique_ptr<platform::child> child; // none once it is closed
    std::string name;
    bool daemon;
    std::uint64_t maker = platform::fork_depth::current();
    std::atomic<bool> is_detached{false}; // nobody waits for it
    std::atomic<std::int64_t> references{1}; // process_record_ptr's

    [[nodiscard]] bool is_mine() const noexcept { return maker == platform::fork_depth::current(); }

    /// Waits for the end of the child, which is brought about if it is a daemon: it is asked to end, and made to a second later. Nobody has written `join`, so who
    /// waits for long is told for whom.
    void finish() {
        if (!child || !is_mine()) {
            return;
        }
        if (daemon) {
            child->terminate();
            if (!child->wait_until(platform::deadline_after(std::chrono::seconds(1)))) {
                child->kill();
            }
        }
        constexpr std::chrono::seconds long_wait{5};
        if (!child->wait_until(platform::deadline_after(long_wait))) {
            static_cast<void>(std::fputs(("multiprocessing: the end of a Process, or of this one, has waited 5 s for its child " + name + " (pid " +
                                          std::to_string(child->number()) + "), and waits on: join() it before, terminate() it, or detach() it\n")
                                             .c_str(),
                                         stderr));
            static_cast<void>(child->wait_until(platform::no_deadline));
        }
    }
};

} // namespace multiprocessing::detail
