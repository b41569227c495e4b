#pragma once

#include <boost/core/demangle.hpp>

#include <cstdio>
#include <exception>
#include <string>
#include <typeinfo>
#include <utility>

/// \file
/// What a child does with its function.

namespace multiprocessing::detail {

/// Calls it. Returns the exit status: 0, or 1 when an exception escaped, which is then described on the standard error stream.
template <class Call>
[[nodiscard]] int run_child(const std::string& name, Call&& call) {
    std::string escaped;
    try {
        std::forward<Call>(call)();
        return 0;
    } catch (const std::exception& error) {
        escaped = boost::core::demangle(typeid(error).name()) + ": " + error.what();
    } catch (...) {
        escaped = "an exception that is not a std::exception";
    }
    std::fputs(("Process " + name + " ended by " + escaped + "\n").c_str(), stderr);
    return 1;
}

} // namespace multiprocessing::detail
