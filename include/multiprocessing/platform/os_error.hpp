#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/system.hpp>

#include <string>
#include <string_view>
#include <system_error>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/os_error.hpp>
#else
#    include <multiprocessing/platform/posix/os_error.hpp>
#endif

/// \file
/// How a refusal by the operating system becomes an exception: a `std::system_error` that names the call and the object.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::last_os_error;
#else
using posix::last_os_error;
#endif

/// Throws what the system said of `call` on `object`. `code` is in the system's own numbers.
[[noreturn]] inline void throw_os_error(int code, std::string_view call, std::string_view object) {
    throw std::system_error(code, std::system_category(), std::string(call) + ", " + std::string(object));
}

/// The same where what is missing is memory, however the system put that. `std::errc::not_enough_memory` on every system.
[[noreturn]] inline void throw_not_enough_memory(std::string_view call, std::string_view object) {
    throw std::system_error(std::make_error_code(std::errc::not_enough_memory), std::string(call) + ", " + std::string(object));
}

} // namespace multiprocessing::platform
