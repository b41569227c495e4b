#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/wait_for_any.hpp>
#include <multiprocessing/process/detail/process_access.hpp>
#include <multiprocessing/process/wait.hpp>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE std::vector<std::size_t> wait_until(std::span<const ProcessRef* const> processes, platform::deadline until) {
    std::vector<platform::native_handle> sentinels;
    for (const ProcessRef* const each : processes) {
        sentinels.push_back(process_access::sentinel_if_any(*each, "wait"));
    }
    for (;;) {
        std::vector<std::size_t> ended;
        for (std::size_t i = 0; i < processes.size(); ++i) {
            if (!processes[i]->is_alive()) {
                ended.push_back(i);
            }
        }
        if (!ended.empty() || processes.empty() || platform::clock::now() >= until) {
            return ended;
        }
        platform::wait_for_any(sentinels, until);
    }
}

} // namespace multiprocessing::detail
