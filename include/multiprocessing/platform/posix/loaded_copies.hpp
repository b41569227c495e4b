#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/platform/library_copy.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <dlfcn.h>
#include <link.h>

#pragma weak dlopen // before glibc 2.34 it is in a library that a program without plugins is not linked with; in a static one it is not there

namespace multiprocessing::platform::posix {

extern "C" {
/// Each executable and each library that has been compiled with the definitions has one, which no linker takes for another's.
MULTIPROCESSING_OF_THIS_COPY extern constinit library_copy multiprocessing_copy;
}

class loaded_copies {
public:
    [[nodiscard]] static library_copy& mine() noexcept { return multiprocessing_copy; }

    using module = const char*;

    [[nodiscard]] static const char* path_of(module one) noexcept { return one; }

    // The dynamic linker holds its lock.
    template <class Visit>
    static void for_each(Visit visit) {
        ::dl_iterate_phdr(
            [](::dl_phdr_info* object, std::size_t, void* given) {
                if (library_copy* const copy = copy_in(*object)) {
                    (*static_cast<Visit*>(given))(*copy, object->dlpi_name);
                }
                return 0;
            },
            &visit);
    }

    static void stay(module mine) noexcept {
        if (&::dlopen != nullptr && *mine != '\0') {
            static_cast<void>(::dlopen(mine, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE)); // one more opening, which nobody closes
        }
    }

private:
    [[nodiscard]] static library_copy* copy_in(const ::dl_phdr_info& object) noexcept {
        for (std::size_t i = 0; i < object.dlpi_phnum; ++i) {
            const auto& segment = object.dlpi_phdr[i];
            if (segment.p_type == PT_NOTE) {
                auto* const notes = reinterpret_cast<std::byte*>(object.dlpi_addr + segment.p_vaddr); // NOLINT(performance-no-int-to-ptr)
                if (library_copy* const copy = copy_in(notes, segment.p_memsz, segment.p_align)) {
                    return copy;
                }
            }
        }
        return nullptr;
    }

    [[nodiscard]] static library_copy* copy_in(std::byte* notes, std::size_t bytes, std::size_t alignment) noexcept {
        static constexpr char name[] = "multiprocessing";
        const std::size_t round = alignment == 8 ? 8 : 4;
        const auto rounded = [round](std::size_t size) { return (size + round - 1) / round * round; };
        for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= bytes;) {
            ElfW(Nhdr) head;
            std::memcpy(&head, notes + at, sizeof(head));
            const std::size_t content = at + rounded(sizeof(head) + head.n_namesz);
            if (head.n_namesz == sizeof(name) && head.n_descsz == sizeof(std::int32_t) && head.n_type == 1 && content + sizeof(std::int32_t) <= bytes &&
                std::memcmp(notes + at + sizeof(head), name, sizeof(name)) == 0) {
                std::int32_t distance = 0;
                std::memcpy(&distance, notes + content, sizeof(distance));
                return reinterpret_cast<library_copy*>(notes + content + distance);
            }
            at = rounded(content + head.n_descsz);
        }
        return nullptr;
    }
};

} // namespace multiprocessing::platform::posix

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/platform/posix/loaded_copies.ipp>
#endif
