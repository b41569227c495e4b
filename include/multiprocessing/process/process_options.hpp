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
    /// POSIX, of `spawn`: the signals that are blocked in the calling thread, or ignored, are so in the child. Otherwise none is blocked there, and each has
    /// its default action, so that `terminate` ends it (but for SIGHUP, SIGINT and SIGQUIT where this program was itself started to ignore them, as by
    /// nohup, and does so still). A child by `fork` has its parent's signals always, and their handlers.
    bool inherit_signals = false;
};

} // namespace multiprocessing
