#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// \file
/// By what states are told apart.

namespace models {

/// 128 bits of all bytes that were put in: among ten million states, that two agree by accident is less likely than one in 10^24.
struct state_hash {
    std::uint64_t first = 0x9e3779b97f4a7c15;
    std::uint64_t second = 0xc2b2ae3d27d4eb4f;
    void operator()(const void* bytes, std::size_t count) {
        const auto* next = static_cast<const unsigned char*>(bytes);
        while (count > 0) {
            std::uint64_t word = 0;
            const std::size_t taken = std::min(count, sizeof(word));
            std::memcpy(&word, next, taken);
            next += taken;
            count -= taken;
            first = (first ^ word) * 0x9fb21c651e98df25;
            first ^= first >> 32;
            second = (second + word) * 0xd6e8feb86659fd93;
            second ^= second >> 29;
        }
    }
    bool operator==(const state_hash&) const = default;
};
struct hash_of_state_hash {
    std::size_t operator()(const state_hash& one) const noexcept { return static_cast<std::size_t>(one.first ^ one.second); }
};

} // namespace models
