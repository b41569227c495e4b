#pragma once

#include <multiprocessing/platform/posix/kept_files.hpp>

namespace multiprocessing::platform::posix {

using native_handle = int;

inline constexpr native_handle invalid_native_handle = -1;

/// Closes a descriptor, unless that would take record locks away from this process. An interrupted close has closed it (Linux), so there is nothing to
/// repeat.
inline void close_native_handle(native_handle handle) noexcept { kept_files::close(handle); }

} // namespace multiprocessing::platform::posix
