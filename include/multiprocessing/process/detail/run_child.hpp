#pragma once

#include <multiprocessing/base/function_ref.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/process/detail/daemon.hpp>
#include <multiprocessing/process/detail/this_process.hpp>

#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#if defined(__cpp_rtti)
#    include <boost/core/demangle.hpp>
#    include <typeinfo>
#endif

/// \file
/// What a child does with its function.

namespace multiprocessing::detail {

/// In a process that has just been made: it learns who it is, and who its parent, and calls its function. Returns the exit status: 0, or 1 when an
/// exception escaped, which is then described on the standard error stream.
[[nodiscard]] inline int run_child(birth_certificate certificate, platform::owned_handle parent, function_ref<void()> call) noexcept {
    const bool daemon = certificate.daemon;
    std::string escaped;
    try {
        this_process::be_born(std::move(certificate), std::move(parent));
        if (daemon) {
            end_with_parent();
        }
        call();
        return 0;
    } catch (const std::exception& error) {
#if defined(__cpp_rtti)
        escaped = boost::core::demangle(typeid(error).name()) + ": " + error.what();
#else
        escaped = std::string("a std::exception: ") + error.what();
#endif
    } catch (...) {
        escaped = "an exception that is not a std::exception";
    }
    static_cast<void>(std::fputs(("Process " + this_process::born_as().name + " ended by " + escaped + "\n").c_str(), stderr));
    return 1;
}

} // namespace multiprocessing::detail
