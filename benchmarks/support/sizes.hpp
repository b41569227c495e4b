#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// \file
/// Structs of a given size, and one change that all of them take.

namespace benchmarks {

template <std::size_t Bytes>
struct record {
    std::array<std::int64_t, Bytes / sizeof(std::int64_t)> numbers{};
};

/// Touches both ends and nothing between: whatever else an update costs is the library's.
inline constexpr auto change_both_ends = [](auto& record) {
    record.numbers.front() += 1;
    record.numbers.back() += 1;
};

} // namespace benchmarks
