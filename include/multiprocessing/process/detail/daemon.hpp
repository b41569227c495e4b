#pragma once

#include <multiprocessing/platform/background_thread.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/end_process.hpp>
#include <multiprocessing/platform/process_watch.hpp>
#include <multiprocessing/process/detail/this_process.hpp>

#include <atomic>
#include <system_error>

/// \file
/// What makes a daemon end with its parent.

namespace multiprocessing::detail {

/// In a daemon that has just been born: a thread that sleeps until the parent is gone, however it went, and then ends this
/// process. (Linux could send a signal, PR_SET_PDEATHSIG, but does so when the *thread* that made the child ends.) Returns when nothing that the
/// daemon's function does to its descriptors reaches the thread.
inline void end_with_parent() {
    static constinit std::atomic<bool> is_ready{false};
    platform::start_background_thread([] {
        const platform::process_watch& parent = *this_process::parent();
        parent.keep_to_oneself();
        is_ready.store(true, std::memory_order_release);
        is_ready.notify_one();
        try {
            static_cast<void>(parent.wait_until(platform::no_deadline));
        } catch (const std::system_error&) { // it cannot be watched any more: then the daemon lives
            return;
        }
        platform::end_process_now();
    });
    is_ready.wait(false, std::memory_order_acquire);
}

} // namespace multiprocessing::detail
