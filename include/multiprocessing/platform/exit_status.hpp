#pragma once
#include <multiprocessing/base/language.hpp>

#include <limits>

namespace multiprocessing::platform {

/// The exit status of a process that has ended, but whose status somebody else collected. No system reports this number.
inline constexpr int unknown_exit_status = (std::numeric_limits<int>::min)();

} // namespace multiprocessing::platform
