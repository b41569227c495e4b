#pragma once

#include <multiprocessing/platform/cpu.hpp>
#include <multiprocessing/platform/process_id.hpp>
#include <multiprocessing/platform/process_watch.hpp>
#include <multiprocessing/process/current_process.hpp>
#include <multiprocessing/process/detail/children.hpp>
#include <multiprocessing/process/detail/process_access.hpp>
#include <multiprocessing/process/detail/this_process.hpp>

#include <utility>

namespace multiprocessing {

MULTIPROCESSING_INLINE const std::string& CurrentProcess::name() const noexcept { return detail::this_process::born_as().name; }

MULTIPROCESSING_INLINE std::int64_t CurrentProcess::pid() const noexcept { return platform::current_process_number(); }

MULTIPROCESSING_INLINE bool CurrentProcess::daemon() const noexcept { return detail::this_process::born_as().daemon; }

MULTIPROCESSING_INLINE const std::string& ParentProcess::name() const noexcept { return detail::this_process::born_as().parent_name; }

MULTIPROCESSING_INLINE std::int64_t ParentProcess::pid() const noexcept { return detail::this_process::born_as().parent_number; }

MULTIPROCESSING_INLINE bool ParentProcess::is_alive() const { return !join_until(platform::clock::now()); }

MULTIPROCESSING_INLINE void ParentProcess::join() const { static_cast<void>(join_until(platform::no_deadline)); }

MULTIPROCESSING_INLINE bool ParentProcess::join_until(platform::deadline until) {
    return detail::this_process::parent()->wait_until(until);
}

MULTIPROCESSING_INLINE std::optional<ParentProcess> parent_process() noexcept {
    return detail::this_process::parent() != nullptr ? std::optional<ParentProcess>(ParentProcess()) : std::nullopt;
}

MULTIPROCESSING_INLINE std::vector<ProcessRef> active_children() {
    std::vector<ProcessRef> found;
    for (auto& record : detail::children::active()) {
        found.push_back(detail::process_access::refer(std::move(record)));
    }
    return found;
}

MULTIPROCESSING_INLINE unsigned cpu_count() noexcept {
    const int count = platform::processor_count();
    return count > 0 ? static_cast<unsigned>(count) : 1;
}

} // namespace multiprocessing
