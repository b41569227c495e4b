#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/base/function_ref.hpp>
#include <multiprocessing/platform/can_fork.hpp>
#include <multiprocessing/process/detail/child_function.hpp>
#include <multiprocessing/process/process.hpp>
#include <multiprocessing/process/process_options.hpp>

#include <concepts>
#include <tuple>
#include <type_traits>
#include <utility>

/// \file
/// A child that is a copy of this process and runs a function. POSIX only.

namespace multiprocessing {

namespace detail {

/// In the child, `function` is called.
[[nodiscard]] Process fork_and_run(process_options options, function_ref<void()> function);

template <class F>
inline constexpr bool may_fork = platform::can_fork; // asked of F, and so only where fork is called

} // namespace detail

/// Starts a child process that calls `f(args...)` and ends; the process is running when `fork` returns it. Any callable that returns void will
/// do, and all that it captures or is given is the child's own copy, but for shared objects, which are the parent's. So a parameter that is a
/// reference to non-const is for handles of shared objects only; anything else does not compile, as with std::thread, but for a `std::ref`.
///
/// The child never returns into the caller's code. It ends with exit code 0 when `f` returns, with 1 when an exception escapes from it,
/// which is printed to standard error; `std::exit` in it ends it with that code. Exit handlers and static objects it inherited are
/// not run or destroyed; thread_local objects of the thread that forked are, as in any program that forks and exits. Its standard input is
/// empty. Its signals are blocked, ignored and handled as in the calling thread, by fork(2): where SIGTERM is blocked, `terminate` does not end the child.
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
[[nodiscard]] Process fork(process_options options, F&& f, Args&&... args) { // NOLINT(performance-unnecessary-value-param): moved
    static_assert(detail::may_fork<F>,
                  "multiprocessing: this system has no fork. Write spawn<f>(args...), which works on every system.");
    constexpr bool takes_reference = !std::is_invocable_v<F, detail::child_argument<Args>...>;
    if constexpr (detail::require_child_function<takes_reference, std::invoke_result_t<F, Args...>>::value) {
        return detail::fork_and_run(std::move(options), [&] { // std::apply calls as std::invoke does, and costs less to include
            std::apply(std::forward<F>(f), std::forward_as_tuple(std::forward<Args>(args)...));
        });
    }
}

/// The same without options.
template <class F, class... Args>
    requires std::invocable<F, Args...>
[[nodiscard]] Process fork(F&& f, Args&&... args) {
    return fork(process_options{}, std::forward<F>(f), std::forward<Args>(args)...);
}

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/process/fork.ipp>
#endif
