#pragma once
#include <multiprocessing/base/language.hpp>

#include <string>

/// \file
/// What can be asked of a process before it starts.

namespace multiprocessing {

/// Written in place: `fork({.name = "worker", .daemon = true}, f)`.
///
/// \see docs/processes.md
struct process_options {
    /// How the process is called in messages; empty: `Process-1`, and `Process-1:2` for its second child, as in Python.
    std::string name = {};
    /// A daemon is ended when the process that made it ends, however that ends; it may have no children of its own.
    bool daemon = false;
};

} // namespace multiprocessing
