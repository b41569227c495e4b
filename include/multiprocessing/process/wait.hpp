#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/base/form.hpp>
#include <multiprocessing/base/ranges.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/process/detail/process_range.hpp>
#include <multiprocessing/process/process.hpp>

#include <cstddef>
#include <initializer_list>
#include <span>
#include <vector>

/// \file
/// Waiting for whichever of several processes ends first.

namespace multiprocessing {

namespace detail {

/// The places of those that have ended.
[[nodiscard]] std::vector<std::size_t> wait_until(std::span<const ProcessRef* const> processes, platform::deadline until);

/// Those of `all` that have ended by `until`.
template <class One, class Range, class Look>
[[nodiscard]] std::vector<One> ended_of(Range& all, platform::deadline until, Look look) {
    std::vector<const ProcessRef*> processes;
    std::vector<One> ended;
    for (auto& each : all) {
        processes.push_back(address_of_process(each));
    }
    std::size_t place = 0;
    auto next = std::ranges::begin(all);
    for (const std::size_t each : wait_until(processes, until)) {
        for (; place < each; ++place) {
            ++next;
        }
        ended.push_back(look(*next));
    }
    return ended;
}

inline constexpr auto as_it_is = [](auto& each) { return each; };

} // namespace detail

/// Waits until at least one of the processes has ended, and returns those that have, in the order given. Sleeps in the kernel. Of no
/// processes none is returned, at once. Throws `std::logic_error` for one that is closed or not a child of this process. Python's
/// `multiprocessing.connection.wait`, for processes.
///
/// \see docs/processes.md, examples/spawn_workers.cpp
inline std::vector<Process*> wait(std::span<Process* const> processes) {
    return detail::ended_of<Process*>(processes, platform::no_deadline, detail::as_it_is);
}
/// The same of a list: `wait({&one, &other})`.
inline std::vector<Process*> wait(std::initializer_list<Process*> processes) {
    return wait(std::span(processes.begin(), processes.size()));
}

/// The same, for at most `timeout`, by the monotonic clock; zero and less only look. Empty when none has ended by then.
template <class Rep, class Period>
std::vector<Process*> wait(std::span<Process* const> processes, const std::chrono::duration<Rep, Period>& timeout) {
    return detail::ended_of<Process*>(processes, platform::deadline_after(timeout), detail::as_it_is);
}
/// The same of a list: `wait({&one, &other}, 2s)`.
template <class Rep, class Period>
std::vector<Process*> wait(std::initializer_list<Process*> processes, const std::chrono::duration<Rep, Period>& timeout) {
    return wait(std::span(processes.begin(), processes.size()), timeout);
}

/// The same of a range of processes that stays where it is, `std::vector<Process>`: what is returned points into it.
/// @{
template <detail::range_of<Process> R>
std::vector<Process*> wait(R& processes) {
    return detail::ended_of<Process*>(processes, platform::no_deadline, [](Process& each) { return &each; });
}
template <detail::range_of<Process> R, class Rep, class Period>
std::vector<Process*> wait(R& processes, const std::chrono::duration<Rep, Period>& timeout) {
    return detail::ended_of<Process*>(processes, platform::deadline_after(timeout), [](Process& each) { return &each; });
}
/// @}

/// The same of a range of references, also one that goes: `wait(active_children(), 2s)`.
/// @{
template <detail::range_of<ProcessRef> R>
std::vector<ProcessRef> wait(const R& processes) {
    return detail::ended_of<ProcessRef>(processes, platform::no_deadline, detail::as_it_is);
}
template <detail::range_of<ProcessRef> R, class Rep, class Period>
std::vector<ProcessRef> wait(const R& processes, const std::chrono::duration<Rep, Period>& timeout) {
    return detail::ended_of<ProcessRef>(processes, platform::deadline_after(timeout), detail::as_it_is);
}
/// @}

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/process/wait.ipp>
#endif
