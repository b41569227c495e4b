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
/// What both backends give: `at_thread_end<function>()`: when the calling thread ends and its process goes on, it calls `function()`, once, behind
/// the destructors of its objects with thread storage (POSIX: of all of them; Windows: of those that were made later). It may be asked for
/// again, in such a destructor, too. The end of the process calls nothing. Throws `std::system_error` when the system refuses.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::at_thread_end;
#else
using posix::at_thread_end;
#endif

} // namespace multiprocessing::platform
