#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/can_fork.hpp>
#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/platform/system.hpp>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/fork.hpp>
#else
#    include <multiprocessing/platform/posix/fork.hpp>
#endif

/// \file
/// Making a child that is a copy of this process.
///
/// What the POSIX backend gives (Windows has no fork: `can_fork` is false there, and a call of `fork_child` does not compile):
/// * `fork_child(run)`: returns the child, in the parent. In the child calls `run()`, which returns the exit status, and ends with
///   it. Never returns in the child, whose standard input is /dev/null, as in Python. What was buffered for output is the parent's to
///   write, and is not written twice. Throws `std::system_error` when there can be no child; then nothing has happened.
/// * The end of the child, by a return or by `std::exit`: exit handlers and static objects of *its own* making are run
///   and destroyed, output is flushed, and those it inherited are left alone. Where the C library cannot tell them apart (others than
///   glibc), a return runs neither.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::fork_child;
#else
using posix::fork_child;
#endif

} // namespace multiprocessing::platform
