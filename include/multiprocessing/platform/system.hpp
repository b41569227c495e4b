#pragma once
#include <multiprocessing/base/language.hpp>

/// \file
/// Which operating system this is. The only question of that kind in the library: every face below asks the answer,
/// and picks its backend from `posix/` or `windows/`.

#if defined(_WIN32)
#    define MULTIPROCESSING_WINDOWS 1
#    define MULTIPROCESSING_POSIX 0
#elif defined(__linux__)
#    define MULTIPROCESSING_WINDOWS 0
#    define MULTIPROCESSING_POSIX 1
// What stands in for what other systems lack can be had here too, so that its tests run (CMake options of the same names).
#    ifndef MULTIPROCESSING_POLLING_WAIT_WORD
#        define MULTIPROCESSING_POLLING_WAIT_WORD 0 // platform/wait_word.hpp
#    endif
#    ifndef MULTIPROCESSING_RECORD_LOCK_LIFE_TOKENS
#        define MULTIPROCESSING_RECORD_LOCK_LIFE_TOKENS 0 // platform/life_token.hpp
#    endif
#else
#    error "multiprocessing: no backend for this system yet. Linux stands; a port adds the twins under platform/posix/."
#endif
