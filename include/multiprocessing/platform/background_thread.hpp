#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/system.hpp>

#include <concepts>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/background_thread.hpp>
#else
#    include <multiprocessing/platform/posix/background_thread.hpp>
#endif

/// \file
/// A thread of the library's own, which nobody waits for.

namespace multiprocessing::platform {

/// Runs `work()` in a thread that goes on until it returns or the process ends. Throws `std::system_error` when there can be no further thread.
#if MULTIPROCESSING_WINDOWS
using windows::start_background_thread;
#else
using posix::start_background_thread;
#endif

static_assert(requires(void (*work)(), void* (*run)(void*), void* argument) {
    { start_background_thread(work) } -> std::same_as<void>;
    { start_background_thread(run, argument) } -> std::same_as<void>; // what it returns is nobody's
});

} // namespace multiprocessing::platform
