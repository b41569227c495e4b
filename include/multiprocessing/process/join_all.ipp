#pragma once

#include <multiprocessing/platform/system.hpp>
#include <multiprocessing/process/detail/process_access.hpp>
#include <multiprocessing/process/join_all.hpp>

#include <cstring>
#include <optional>
#include <utility>

namespace multiprocessing {

namespace detail {

[[nodiscard]] MULTIPROCESSING_INLINE std::string how_it_failed(const ChildFailed::failure& one) {
    const std::string who = one.name + " (pid " + std::to_string(one.pid) + ") ";
    if (one.exitcode == unknown_exitcode) {
        return who + "ended, and nobody can say how: its exit code was collected elsewhere, or SIGCHLD is ignored";
    }
#if MULTIPROCESSING_POSIX
    if (one.exitcode < 0) {
        return who + "was ended by signal " + std::to_string(-one.exitcode) + ", " + ::strsignal(-one.exitcode);
    }
#endif
    return who + "ended with exit code " + std::to_string(one.exitcode);
}

[[nodiscard]] MULTIPROCESSING_INLINE std::string how_they_failed(const std::vector<ChildFailed::failure>& failures, std::size_t of) {
    std::string text = "multiprocessing: " + std::to_string(failures.size()) + " of " + std::to_string(of) + (of == 1 ? " child" : " children") + " failed: ";
    for (const auto& each : failures) {
        text += (&each == failures.data() ? "" : "; ") + how_it_failed(each);
    }
    return text;
}

MULTIPROCESSING_INLINE bool join_all_until(std::span<const ProcessRef* const> processes, platform::deadline until) {
    bool all = true;
    std::vector<ChildFailed::failure> failures;
    for (const ProcessRef* const each : processes) {
        all = process_access::join_until(*each, until) && all;
    }
    for (const ProcessRef* const each : processes) {
        if (const std::optional<int> code = each->exitcode(); code && *code != 0) {
            failures.push_back({each->name(), each->pid(), *code});
        }
    }
    if (!failures.empty()) {
        throw ChildFailed(std::move(failures), processes.size());
    }
    return all;
}

} // namespace detail

MULTIPROCESSING_INLINE ChildFailed::ChildFailed(std::vector<failure> failures, std::size_t of)
    : std::runtime_error(detail::how_they_failed(failures, of)), failures_(std::make_shared<const std::vector<failure>>(std::move(failures))) {}

} // namespace multiprocessing
