#pragma once

namespace multiprocessing::platform::posix {

/// Where glibc, musl and CPython look for shared memory.
inline constexpr const char* shm_folder = "/dev/shm";

} // namespace multiprocessing::platform::posix
