#pragma once

#include <multiprocessing/platform/library_copy.hpp>
#include <multiprocessing/platform/posix/loaded_copies.hpp>

namespace multiprocessing::platform::posix {

extern "C" {
[[gnu::used]] MULTIPROCESSING_INLINE constinit library_copy multiprocessing_copy{layout_of_states, {nullptr}};
}

/// An ELF note (elf(5)) says how far behind it that is. Notes are found in whatever is loaded, hidden, stripped, or loaded without telling others of its names;
/// and no linker leaves one away. In assembly, as compilers have no words for a note; each file has one, and all of them say the same.
asm(".pushsection .note.multiprocessing, \"a\", %note\n"
    "    .balign 4\n"
    "    .long 16, 4, 1\n" // the sizes of the name and of what follows it, and its kind
    "    .asciz \"multiprocessing\"\n"
    "    .long multiprocessing_copy - .\n"
    ".popsection\n");

} // namespace multiprocessing::platform::posix
