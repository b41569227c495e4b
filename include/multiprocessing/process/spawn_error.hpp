#pragma once
#include <multiprocessing/base/language.hpp>

#include <stdexcept>

/// \file
/// Why a process could not be spawned.

namespace multiprocessing {

/// A spawned child did not get as far as its function; the message says what to do. When it is thrown, there is no child any more.
///
/// \see docs/processes.md
class SpawnError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace multiprocessing
