#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <span>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/wait_for_any.hpp>
#else
#    include <multiprocessing/platform/posix/wait_for_any.hpp>
#endif

/// \file
/// Sleeping until one of several things is ready.
///
/// `wait_for_any(sentinels, until)` returns when one of the handles (child::sentinel_if_any) is ready, at the deadline, or for no reason; the
/// caller looks at its state again. Sleeps in the kernel. Any number of handles; an invalid one is looked at every millisecond.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::wait_for_any;
#else
using posix::wait_for_any;
#endif
static_assert(requires(std::span<const native_handle> sentinels, deadline until) {
    { wait_for_any(sentinels, until) } -> std::same_as<void>;
});

} // namespace multiprocessing::platform
