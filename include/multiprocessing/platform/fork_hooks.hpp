#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/system.hpp>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/fork_hooks.hpp>
#else
#    include <multiprocessing/platform/posix/fork_hooks.hpp>
#endif

/// \file
/// What is to happen around every `fork` of this process, also one the library did not make.
///
/// `on_fork(before, in_parent, in_child)` registers three functions, of which any may be null, for the life of the
/// process. POSIX (`pthread_atfork`): `before` functions run in reverse order of registration, the others in order. They
/// must not throw. Not seen: `vfork`, `posix_spawn`, and a bare `clone` system call, whose child must not use the library.
/// Windows has no fork: nothing is ever called.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::on_fork;
#else
using posix::on_fork;
#endif

} // namespace multiprocessing::platform
