#pragma once

#include <cstddef>
#include <cstring>

namespace multiprocessing::platform::windows {

/// Zeros are written; the memory stays committed until the whole object is gone. Windows gives no page of a file mapping back:
/// DiscardVirtualMemory and VirtualFree refuse one, and after MEM_RESET nobody says whether zeros or the old bytes are read.
inline void discard_pages(std::byte* first, std::size_t bytes) noexcept { std::memset(first, 0, bytes); }

} // namespace multiprocessing::platform::windows
