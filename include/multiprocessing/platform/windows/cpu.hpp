#pragma once

#include <multiprocessing/platform/windows/windows_api.hpp>

namespace multiprocessing::platform::windows {

[[nodiscard]] inline int processor_count() noexcept { return static_cast<int>(::GetActiveProcessorCount(ALL_PROCESSOR_GROUPS)); }

} // namespace multiprocessing::platform::windows
