#pragma once
#include <multiprocessing/base/language.hpp>

/// \file
/// A deleted function that says why. Compilers before C++26 print the line of the declaration, in which the reason stands.

/// In the place of `delete`, with why and what to write.
#if defined(__cpp_deleted_function) && __cpp_deleted_function >= 202403L
#    define MULTIPROCESSING_DELETE(reason) delete (reason)
#else
#    define MULTIPROCESSING_DELETE(reason) delete
#endif
