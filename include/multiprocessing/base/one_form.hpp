#pragma once
#include <multiprocessing/base/language.hpp>

/// \file
/// The linker refuses a program whose files chose different forms of the library (base/form.hpp).

/// \cond names for the linker
// All files of a program must choose the same form, or it would have two of each table that is to be one per process. The linker refuses a
// mixture, and names the first symbol below:
//
// * One name cannot be both thread-local and not. GNU ld, gold and g++ -flto look at that.
// * Of several groups with the name multiprocessing_form a linker keeps one. Each form has a second name in its group, and each file refers
//   to that of its own form, which the other form's group lacks. This serves lld as well, and Windows, where thread_local is emulated.
//
// clang++ folds a reference to a second name into one to the first, except in assembly; g++ -flto loses one in assembly.
#if defined(_MSC_VER)
#    if defined(MULTIPROCESSING_COMPILED)
#        pragma detect_mismatch("multiprocessing", "compiled")
#    else
#        pragma detect_mismatch("multiprocessing", "header-only")
#    endif
#else
extern "C" {
#    if defined(MULTIPROCESSING_COMPILED)
[[gnu::used]] inline constinit char multiprocessing_is_header_only_here_and_compiled_there = 0;
#        define MULTIPROCESSING_FORM multiprocessing_is_header_only_here_and_compiled_there_compiled
#    else
[[gnu::used]] inline constinit thread_local char multiprocessing_is_header_only_here_and_compiled_there = 0;
#        define MULTIPROCESSING_FORM multiprocessing_is_header_only_here_and_compiled_there_header_only
#    endif
#    if defined(__ELF__)
[[gnu::used]] inline constinit char multiprocessing_form = 0;
[[gnu::visibility("hidden"), gnu::alias("multiprocessing_form")]] extern char MULTIPROCESSING_FORM;
#        if !defined(__clang__)
[[gnu::used, gnu::retain]] static char* const multiprocessing_form_of_this_file = &MULTIPROCESSING_FORM;
#        elif defined(MULTIPROCESSING_COMPILED)
asm(".pushsection .multiprocessing_form, \"aR\"\n"
    ".long multiprocessing_is_header_only_here_and_compiled_there_compiled - .\n"
    ".popsection");
#        else
asm(".pushsection .multiprocessing_form, \"aR\"\n"
    ".long multiprocessing_is_header_only_here_and_compiled_there_header_only - .\n"
    ".popsection");
#        endif
#    elif defined(__SEH__) && !defined(__clang__) // g++ for Windows; an Apple system has no second names
[[gnu::used]] inline constinit char multiprocessing_form = 0;
[[gnu::alias("multiprocessing_form")]] extern char MULTIPROCESSING_FORM;
[[gnu::used]] static char* const multiprocessing_form_of_this_file = &MULTIPROCESSING_FORM;
#    endif
#    undef MULTIPROCESSING_FORM
}
#endif
/// \endcond
