#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/background_thread.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/end_process.hpp>
#include <multiprocessing/platform/process_watch.hpp>
#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/process/detail/this_process.hpp>

#include <atomic>
#include <cstdint>
#include <system_error>

/// \file
/// What makes a daemon end with its parent.

namespace multiprocessing::detail {

/// In a daemon that has just been born: a thread that sleeps until the parent is gone, however it went, and then ends this
/// process. (Linux could send a signal, PR_SET_PDEATHSIG, but does so when the *thread* that made the child ends.) Returns when nothing that the
/// daemon's function does to its descriptors reaches the thread.
inline void end_with_parent() {
    static constinit std::atomic<std::uint32_t> is_ready{0};
    static const auto* const word = reinterpret_cast<const std::uint32_t*>(&is_ready);
    platform::start_background_thread([] {
        const platform::process_watch& parent = *this_process::parent();
        parent.keep_to_oneself();
        is_ready.store(1, std::memory_order_release);
        platform::wait_word::wake_all(word);
        try {
            static_cast<void>(parent.wait_until(platform::no_deadline));
        } catch (const std::system_error&) { // it cannot be watched any more: then the daemon lives
            return;
        }
        platform::end_process_now();
    });
    while (is_ready.load(std::memory_order_acquire) == 0) {
        platform::wait_word::wait(word, 0, platform::clock::now() + std::chrono::seconds(1));
    }
}

} // namespace multiprocessing::detail
