#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <link.h>

namespace multiprocessing::platform::posix {

/// By the program headers, which a statically linked program has too (dladdr knows nothing of those).
[[nodiscard]] inline std::uint64_t image_offset(const void* place) noexcept {
    struct question {
        std::uintptr_t place;
        std::uint64_t answer;
    } asked{reinterpret_cast<std::uintptr_t>(place), 0};
    static_cast<void>(::dl_iterate_phdr(
        [](::dl_phdr_info* image, std::size_t, void* data) noexcept -> int {
            auto& one = *static_cast<question*>(data);
            std::uintptr_t begin = UINTPTR_MAX;
            bool inside = false;
            for (std::size_t i = 0; i < image->dlpi_phnum; ++i) {
                const auto& segment = image->dlpi_phdr[i];
                if (segment.p_type == PT_LOAD) {
                    const std::uintptr_t first = image->dlpi_addr + segment.p_vaddr;
                    begin = (std::min)(begin, first);
                    inside = inside || (one.place >= first && one.place - first < segment.p_memsz);
                }
            }
            one.answer = inside ? one.place - begin : 0;
            return inside ? 1 : 0;
        },
        &asked));
    return asked.answer;
}

} // namespace multiprocessing::platform::posix
