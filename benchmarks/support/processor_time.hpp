#pragma once

#include <sys/resource.h>

/// \file
/// What children have cost.

namespace benchmarks {

/// Processor time of all children that were waited for.
[[nodiscard]] inline double seconds_used_by_children() {
    ::rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/// The same, without what the system did for them.
[[nodiscard]] inline double user_seconds_of_children() {
    ::rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec) + 1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
}

} // namespace benchmarks
