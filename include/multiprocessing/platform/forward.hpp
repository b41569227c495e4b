#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/system.hpp>

/// \file
/// Classes of this floor by name only, for those who refer to them and do not look inside.

#if MULTIPROCESSING_WINDOWS
namespace multiprocessing::platform::windows {
#else
namespace multiprocessing::platform::posix {
#endif
class child;
class memory_object;
class process_watch;
class segment_keeper;
} // namespace multiprocessing::platform::posix or ::windows

namespace multiprocessing::platform {

class fork_hook;

#if MULTIPROCESSING_WINDOWS
using windows::child;
using windows::memory_object;
using windows::process_watch;
using windows::segment_keeper;
#else
using posix::child;
using posix::memory_object;
using posix::process_watch;
using posix::segment_keeper;
#endif

} // namespace multiprocessing::platform
