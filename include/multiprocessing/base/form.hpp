#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/one_form.hpp>

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
/// Whether headers include their definitions.
#    define MULTIPROCESSING_DEFINITIONS 1
/// In front of each definition in an .ipp.
#    define MULTIPROCESSING_INLINE inline
#elif defined(MULTIPROCESSING_SOURCE)
#    define MULTIPROCESSING_DEFINITIONS 1
#    define MULTIPROCESSING_INLINE
#else
#    define MULTIPROCESSING_DEFINITIONS 0
#endif
