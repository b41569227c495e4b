#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/fork.hpp>
#include <multiprocessing/process/detail/run_child.hpp>
#include <multiprocessing/process/detail/this_process.hpp>
#include <multiprocessing/process/process.hpp>
#include <multiprocessing/process/process_options.hpp>

#include <concepts>
#include <functional>
#include <utility>

/// \file
/// A child that is a copy of this process and runs a function. POSIX only.

namespace multiprocessing {

/// Starts a child process that calls `f(args...)` and ends; the process is running when `fork` returns it. Any callable will do, and all
/// that it captures or is given, by reference too, is the child's own copy, but for shared objects, which are the parent's.
///
/// The child never returns into the caller's code. It ends with exit code 0 when `f` returns, with 1 when an exception escapes from it,
/// which is printed to standard error; `std::exit` in it ends it with that code. Exit handlers and static objects it inherited are
/// not run or destroyed; thread_local objects of the thread that forked are, as in any program that forks and exits. Its standard input is
/// empty.
///
/// In a program with several threads only the calling one exists in the child, and what the others had locked (other than this
/// library's locks) stays locked there: fork before making threads, or use `spawn`. The cost grows with the memory the parent uses.
///
/// Throws `std::system_error` when there can be no child (processes or descriptors run out), `std::logic_error` in a daemon; then
/// nothing has happened.
///
/// \see docs/processes.md, examples/inheritance.cpp
template <class F, class... Args>
    requires std::invocable<F, Args...>
[[nodiscard]] Process fork(process_options options, F&& f, Args&&... args) {
    detail::next_child next(std::move(options.name), options.daemon);
    auto child = platform::fork_child([&]() noexcept {
        return detail::run_child(next.certificate(), [&] { std::invoke(std::forward<F>(f), std::forward<Args>(args)...); });
    });
    next.is_there();
    return detail::process_access::make(std::move(child), next.certificate().name, options.daemon);
}

/// The same without options.
template <class F, class... Args>
    requires std::invocable<F, Args...>
[[nodiscard]] Process fork(F&& f, Args&&... args) {
    return fork(process_options{}, std::forward<F>(f), std::forward<Args>(args)...);
}

} // namespace multiprocessing
