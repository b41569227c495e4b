#pragma once

#include <multiprocessing/platform/windows/windows_api.hpp>

namespace multiprocessing::platform::windows {

/// What the last failed system call of this thread said.
[[nodiscard]] inline int last_os_error() noexcept { return static_cast<int>(::GetLastError()); }

} // namespace multiprocessing::platform::windows
