#pragma once
#include <multiprocessing/base/language.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

/// \file
/// memcpy for what was stored a moment ago.

namespace multiprocessing::robust {

/// As memcpy, but few bytes go word by word. A processor passes a store that has not reached its cache on to a load that lies inside of it;
/// for a load that is larger, as the vector loads of memcpy are after a change of one member, it waits until the store is there, which
/// costs more than all the rest of an update (benchmarks/update.cpp).
inline void copy_bytes(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
    constexpr std::size_t few = 128;
    std::size_t done = 0;
    if (bytes <= few) {
        for (std::uint64_t word; done + sizeof(word) <= bytes; done += sizeof(word)) {
            std::memcpy(&word, from + done, sizeof(word));
#if defined(__GNUC__)
            asm volatile("" : "+r"(word)); // one word: the compiler would make vectors of several
#endif
            std::memcpy(to + done, &word, sizeof(word));
        }
    }
    std::memcpy(to + done, from + done, bytes - done);
}

} // namespace multiprocessing::robust
