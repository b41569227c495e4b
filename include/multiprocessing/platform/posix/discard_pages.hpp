#pragma once

#include <cstddef>
#include <cstring>

#include <sys/mman.h>

namespace multiprocessing::platform::posix {

/// MADV_REMOVE frees the pages of the object itself (MADV_DONTNEED would only drop them from this mapping). Where it
/// is refused, as for locked pages, zeros are written: the contract holds, only the memory stays.
inline void discard_pages(std::byte* first, std::size_t bytes) noexcept {
    if (::madvise(first, bytes, MADV_REMOVE) != 0) {
        std::memset(first, 0, bytes);
    }
}

} // namespace multiprocessing::platform::posix
