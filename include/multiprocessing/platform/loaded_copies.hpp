#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/system.hpp>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/loaded_copies.hpp>
#else
#    include <multiprocessing/platform/posix/loaded_copies.hpp>
#endif

/// \file
/// The copies of this library in a process. For definitions.
///
/// What both backends give, in the class `loaded_copies`:
/// * `mine()`: the copy that the calling code is of.
/// * `for_each(visit)`: calls `visit(copy, module)` for each copy that is loaded, in the order in which they were loaded; a `module` is what a copy is in, and
///   `path_of(module)` its path, empty for the program itself. Nothing is loaded or unloaded meanwhile. `visit` may not wait for a lock that the program can hold,
///   as malloc may.
/// * `stay(module)`: the module of this copy stays loaded until the process ends, whoever closes it, and loaded again it is the same one: other copies may have
///   functions and objects of it.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::loaded_copies;
#else
using posix::loaded_copies;
#endif

} // namespace multiprocessing::platform
