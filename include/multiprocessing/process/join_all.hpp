#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/base/form.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/process/detail/process_range.hpp>
#include <multiprocessing/process/process.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

/// \file
/// Waiting for several processes, and hearing which of them failed.

namespace multiprocessing {

/// Thrown by `join_all`: some children have ended otherwise than with exit code 0.
class ChildFailed : public std::runtime_error {
public:
    /// One of them.
    struct failure {
        std::string name;  ///< `Process::name()`.
        std::int64_t pid;  ///< `Process::pid()`.
        int exitcode;      ///< `Process::exitcode()`: not 0.
    };

    /// Of so many in all.
    ChildFailed(std::vector<failure> failures, std::size_t of);

    /// All of them, in the order in which they were given.
    [[nodiscard]] const std::vector<failure>& failures() const noexcept { return *failures_; }

private:
    std::shared_ptr<const std::vector<failure>> failures_; // an exception is copied without throwing
};

namespace detail {

[[nodiscard]] bool join_all_until(std::span<const ProcessRef* const> processes, platform::deadline until);

template <process_range R>
[[nodiscard]] bool join_all_until(const R& processes, platform::deadline until) {
    std::vector<const ProcessRef*> all;
    for (const auto& each : processes) {
        all.push_back(address_of_process(each));
    }
    return join_all_until(std::span<const ProcessRef* const>(all), until);
}

} // namespace detail

/// Waits until all of the processes have ended, as long as it takes: a `std::vector<Process>`, `active_children()`, or a range of `Process*`. Throws
/// ChildFailed, when all have ended, if one has ended by a signal, an exception or another exit code than 0; it names each of them. Throws
/// `std::logic_error` for one that is closed or not a child of this process.
///
/// \see docs/processes.md
template <detail::process_range R>
void join_all(const R& processes) {
    static_cast<void>(detail::join_all_until(processes, platform::no_deadline));
}

/// The same for at most `timeout`, by the monotonic clock; zero and less only look. Whether all have ended; ChildFailed also when others have not.
template <detail::process_range R, class Rep, class Period>
[[nodiscard]] bool join_all(const R& processes, const std::chrono::duration<Rep, Period>& timeout) {
    return detail::join_all_until(processes, platform::deadline_after(timeout));
}

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/process/join_all.ipp>
#endif
