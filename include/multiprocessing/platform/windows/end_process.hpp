#pragma once

#include <multiprocessing/platform/windows/windows_api.hpp>

#include <cstdlib>

namespace multiprocessing::platform::windows {

/// With the exit code that child::kill gives.
[[noreturn]] inline void end_process_now() noexcept {
    ::TerminateProcess(::GetCurrentProcess(), static_cast<UINT>(-9));
    std::_Exit(1); // not reached
}

} // namespace multiprocessing::platform::windows
