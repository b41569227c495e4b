#pragma once
#include <multiprocessing/base/language.hpp>

#include <stdexcept>

/// \file
/// What is thrown when shared memory does not hold what it was opened as.

namespace multiprocessing {

/// Behind a name there is something else than was asked for: another type, size or version, or bytes that nobody wrote as such. `what()`
/// names both sides. Nothing outside of the memory was read, and nothing was changed.
///
/// \see docs/named_objects.md, docs/python_interop.md
class LayoutError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace multiprocessing
