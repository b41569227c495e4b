#pragma once

#include <unistd.h>

namespace multiprocessing::platform::posix {

[[nodiscard]] inline int processor_count() noexcept {
    const long count = ::sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? static_cast<int>(count) : 0;
}

} // namespace multiprocessing::platform::posix
