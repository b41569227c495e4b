#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/system.hpp>

#include <atomic>
#include <version>

/// \file
/// What each copy of this library in a process has for itself, and is found by.

#if MULTIPROCESSING_WINDOWS // where each program and library has its own of everything
#    define MULTIPROCESSING_OF_THIS_COPY
#else
/// In front of what each copy must have for itself, whatever the program's visibility.
#    define MULTIPROCESSING_OF_THIS_COPY [[gnu::visibility("hidden")]]
#endif

namespace multiprocessing::platform {

struct process_states;

/// \cond
struct states_layout {
    char text[120];
};

/// The layout of this struct itself stays as it is for ever: copies of any version look at each other's.
struct library_copy {
    states_layout layout;
    std::atomic<process_states*> states; // null: this copy has not looked yet, or cannot work with those that had
};

#define MULTIPROCESSING_TEXT_OF(value) MULTIPROCESSING_TEXT(value)
#define MULTIPROCESSING_TEXT(value) #value
/// \endcond
/// Copies with one text have one layout of everything that they share: the library's own (the number in front, which goes up with every change of a State, or
/// of what a State leads to), the standard library's, and how one waits and what one's life is known by.
inline constexpr states_layout layout_of_states{
    "3"
#if defined(_LIBCPP_VERSION)
    ", libc++ ABI " MULTIPROCESSING_TEXT_OF(_LIBCPP_ABI_VERSION)
#elif defined(__GLIBCXX__)
    ", libstdc++ ABI " MULTIPROCESSING_TEXT_OF(_GLIBCXX_USE_CXX11_ABI)
#endif
#if defined(_GLIBCXX_DEBUG)
    " with _GLIBCXX_DEBUG"
#endif
#if defined(_MSC_VER) && defined(_ITERATOR_DEBUG_LEVEL)
    ", Visual C++, _ITERATOR_DEBUG_LEVEL " MULTIPROCESSING_TEXT_OF(_ITERATOR_DEBUG_LEVEL)
#endif
#if MULTIPROCESSING_POSIX
    ", polling wait words " MULTIPROCESSING_TEXT_OF(MULTIPROCESSING_POLLING_WAIT_WORD)
    ", record lock life tokens " MULTIPROCESSING_TEXT_OF(MULTIPROCESSING_RECORD_LOCK_LIFE_TOKENS)
#endif
};
#undef MULTIPROCESSING_TEXT
#undef MULTIPROCESSING_TEXT_OF

} // namespace multiprocessing::platform
