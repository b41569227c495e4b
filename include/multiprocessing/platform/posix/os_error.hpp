#pragma once

#include <cerrno>

namespace multiprocessing::platform::posix {

/// What the last failed system call of this thread said.
[[nodiscard]] inline int last_os_error() noexcept { return errno; }

} // namespace multiprocessing::platform::posix
