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
/// * `thread_slot<at_end>`: a pointer for each thread, `get()` and `set(value)`; null at first. When a thread that has set one ends and its process goes on,
///   it calls `at_end(value)`, once for each time it was set since null. The end of the process calls nothing. The constructor and `set` throw
///   `std::system_error` when the system refuses.
/// * `thread_locals_live_to_thread_end`: whether that is behind the destructors of thread_local objects (and the value may be set in one, too), and what
///   is thread_local without a destructor has its value. Windows: no.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::thread_locals_live_to_thread_end;
using windows::thread_slot;
#else
using posix::thread_locals_live_to_thread_end;
using posix::thread_slot;
#endif

} // namespace multiprocessing::platform
