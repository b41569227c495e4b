#pragma once

#include <cerrno>
#include <system_error>

/// \file
/// A failed system call ends the benchmark with its name.

namespace benchmarks {

inline void check(bool succeeded, const char* call) {
    if (!succeeded) {
        throw std::system_error(errno, std::generic_category(), call);
    }
}

} // namespace benchmarks
