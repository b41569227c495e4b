#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>

/// \file
/// Where a spawned process runs its function.

namespace multiprocessing {

/// The first line of main, in a program that spawns. In a process that `spawn` made it runs the function and ends the process with its exit code; it
/// returns in every other, at once. Python's `freeze_support` and `if __name__ == "__main__"` in one.
///
/// \see docs/processes.md, examples/spawn_workers.cpp
void run_if_spawned();

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/process/run_if_spawned.ipp>
#endif
