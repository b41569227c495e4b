#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/system.hpp>

/// \file
/// Whether there is a fork. (A header of its own: platform/fork.hpp brings all that a fork needs.)

namespace multiprocessing::platform {

/// POSIX has fork, Windows has not.
inline constexpr bool can_fork = MULTIPROCESSING_WINDOWS == 0;

} // namespace multiprocessing::platform
