#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/base/form.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/process/process.hpp>

#include <initializer_list>
#include <span>
#include <vector>

/// \file
/// Waiting for whichever of several processes ends first.

namespace multiprocessing {

namespace detail {

[[nodiscard]] std::vector<Process*> wait_until(std::span<Process* const> processes, platform::deadline until);

} // namespace detail

/// Waits until at least one of the processes has ended, and returns those that have, in the order given. Sleeps in the kernel. Of no
/// processes none is returned, at once. Throws `std::logic_error` for one that is closed or not a child of this process. Python's
/// `multiprocessing.connection.wait`, for processes.
///
/// \see docs/processes.md, examples/spawn_workers.cpp
inline std::vector<Process*> wait(std::span<Process* const> processes) {
    return detail::wait_until(processes, platform::no_deadline);
}
/// The same of a list: `wait({&one, &other})`.
inline std::vector<Process*> wait(std::initializer_list<Process*> processes) {
    return wait(std::span(processes.begin(), processes.size()));
}

/// The same, for at most `timeout`, by the monotonic clock; zero and less only look. Empty when none has ended by then.
template <class Rep, class Period>
std::vector<Process*> wait(std::span<Process* const> processes, const std::chrono::duration<Rep, Period>& timeout) {
    return detail::wait_until(processes, platform::deadline_after(timeout));
}
/// The same of a list: `wait({&one, &other}, 2s)`.
template <class Rep, class Period>
std::vector<Process*> wait(std::initializer_list<Process*> processes, const std::chrono::duration<Rep, Period>& timeout) {
    return wait(std::span(processes.begin(), processes.size()), timeout);
}

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/process/wait.ipp>
#endif
