#pragma once

/// \file
/// Refuses a compiler that is told to compile an older C++ than C++20, or one without exceptions.
///
/// Every header that users include includes this one first, so that it is what the compiler meets first. After the error it asks for a header
/// that does not exist, which ends a compiler at once: otherwise thousands of lines about newer C++ follow the complaint and hide it.

#if defined(_MSVC_LANG) ? _MSVC_LANG < 202002L : __cplusplus < 202002L
#    if defined(_MSC_VER) && !defined(__clang__)
#        error "multiprocessing needs C++20: compile with /std:c++20"
#    else
#        error "multiprocessing needs C++20: compile with -std=c++20 (g++ 12, clang++ 14 or later)"
#    endif
#    include <multiprocessing/needs_cxx20>
#elif !defined(__cpp_exceptions) // which Visual C++ defines as well
#    error "multiprocessing needs exceptions, by which it says what went wrong: compile this file without -fno-exceptions (/EHsc)"
#    include <multiprocessing/needs_exceptions>
#endif
