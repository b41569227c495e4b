#pragma once
#include <multiprocessing/base/language.hpp>

/// \file
/// The two forms of the library: headers alone, and headers beside a compiled library.
///
/// A header `x.hpp` declares. What it declares and does not define, its definitions file `x.ipp` defines, which `x.hpp` includes
/// as its last line where MULTIPROCESSING_DEFINITIONS is 1:
///
/// | form                                      | who compiles x.ipp                                       | its functions are |
/// |-------------------------------------------|----------------------------------------------------------|-------------------|
/// | headers alone, the default                | every file that includes x.hpp                           | inline            |
/// | compiled: `MULTIPROCESSING_COMPILED` is 1 | src/multiprocessing.cpp, once (`MULTIPROCESSING_SOURCE`) | ordinary          |
///
/// So each definition stands in one place, marked MULTIPROCESSING_INLINE. What only definitions need is included by them, and the users
/// of the compiled form do not parse it. The CMake targets multiprocessing::multiprocessing and multiprocessing::compiled choose the form.
///
/// \see docs/design/forms.md

#if !defined(MULTIPROCESSING_COMPILED)
#    define MULTIPROCESSING_DEFINITIONS 1
#    define MULTIPROCESSING_INLINE inline
#elif defined(MULTIPROCESSING_SOURCE)
#    define MULTIPROCESSING_DEFINITIONS 1
#    define MULTIPROCESSING_INLINE
#else
#    define MULTIPROCESSING_DEFINITIONS 0
#endif

// All files of a program must choose the same form, or it would have two of each table that is to be one per process. The linker refuses a
// mixture: one name cannot be both thread-local and not.
extern "C" {
#if defined(_MSC_VER)
#    if defined(MULTIPROCESSING_COMPILED)
#        pragma detect_mismatch("multiprocessing", "compiled")
#    else
#        pragma detect_mismatch("multiprocessing", "header-only")
#    endif
#elif defined(MULTIPROCESSING_COMPILED)
[[gnu::used]] inline constinit char multiprocessing_is_header_only_here_and_compiled_there = 0;
#else
[[gnu::used]] inline constinit thread_local char multiprocessing_is_header_only_here_and_compiled_there = 0;
#endif
}
