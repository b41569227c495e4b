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

/// Registers its three functions when it is made: a variable with static storage, one for whatever must be put right in a child.
///
/// `[[gnu::init_priority(101)]]` stands before each of them. In the compiled form all of them are of one file, whose turn in a program is after that
/// of the files it was linked behind. A static object of the user's that forks before main would otherwise have a child that takes itself for its
/// parent, and has the parent's locks. With it they are made before whatever has no priority of its own (g++ and clang++; Visual C++ ignores it, and
/// has no fork).
class fork_hook {
public:
    /// As `on_fork`, whose three functions these are.
    fork_hook(void (*before)(), void (*in_parent)(), void (*in_child)()) { on_fork(before, in_parent, in_child); }
};

} // namespace multiprocessing::platform
