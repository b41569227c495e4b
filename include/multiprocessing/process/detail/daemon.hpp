#pragma once

#include <multiprocessing/platform/background_thread.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/end_process.hpp>
#include <multiprocessing/process/detail/this_process.hpp>

/// \file
/// What makes a daemon end with its parent.

namespace multiprocessing::detail {

/// In a daemon that has just been born: a thread that sleeps until the parent is gone, however it went, and then ends this
/// process. (Linux could send a signal, PR_SET_PDEATHSIG, but does so when the *thread* that made the child ends.)
inline void end_with_parent() {
    platform::start_background_thread([] {
        static_cast<void>(this_process::parent()->wait_until(platform::no_deadline));
        platform::end_process_now();
    });
}

} // namespace multiprocessing::detail
