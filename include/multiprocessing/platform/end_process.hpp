#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/system.hpp>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/end_process.hpp>
#else
#    include <multiprocessing/platform/posix/end_process.hpp>
#endif

/// \file
/// `end_process_now()`: the calling process ends at once, as if somebody had killed it: no handler, no destructor, no flush.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::end_process_now;
#else
using posix::end_process_now;
#endif

} // namespace multiprocessing::platform
