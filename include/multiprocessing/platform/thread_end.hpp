#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/system.hpp>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/thread_end.hpp>
#else
#    include <multiprocessing/platform/posix/thread_end.hpp>
#endif

/// \file
/// What a thread does last.
///
/// What both backends give:
/// * `at_thread_end<function>()`: when the calling thread ends and its process goes on, it calls `function()`, once. It may be asked for again. The
///   end of the process calls nothing. Throws `std::system_error` when the system refuses.
/// * `thread_locals_live_to_thread_end`: whether that is behind the destructors of thread_local objects (and may be asked for in one, too), and what
///   is thread_local without a destructor has its value. Windows: no.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::at_thread_end;
using windows::thread_locals_live_to_thread_end;
#else
using posix::at_thread_end;
using posix::thread_locals_live_to_thread_end;
#endif

} // namespace multiprocessing::platform
