#pragma once

#include <array>
#include <cstdint>

/// \file
/// Structs of the sizes and alignments that matter.

namespace support {

struct Seven { // no word, no alignment
    std::array<unsigned char, 7> bytes;
    friend bool operator==(const Seven&, const Seven&) = default;
};
static_assert(sizeof(Seven) == 7 && alignof(Seven) == 1);

struct Pair { // a word whose type asks for less alignment than a word has
    int a;
    int b;
    friend bool operator==(const Pair&, const Pair&) = default;
};
static_assert(sizeof(Pair) == 8 && alignof(Pair) == 4);

struct Twelve {
    std::int32_t a;
    std::int32_t b;
    std::int32_t c;
    friend bool operator==(const Twelve&, const Twelve&) = default;
};
static_assert(sizeof(Twelve) == 12);

struct Whole { // its first and its last bytes say the same, or it is torn
    std::int64_t x;
    std::array<std::int64_t, 6> between;
    std::int64_t y;
    friend bool operator==(const Whole&, const Whole&) = default;
};
static_assert(sizeof(Whole) == 64);

struct alignas(128) Overaligned {
    int number;
    friend bool operator==(const Overaligned&, const Overaligned&) = default;
};
static_assert(sizeof(Overaligned) == 128);

struct Initialised { // not trivial: a new one is not of zeros
    int x = 1;
    int y = 2;
    friend bool operator==(const Initialised&, const Initialised&) = default;
};

/// One of each, told apart by a number less than 256.
template <class T>
T numbered(int n);
template <>
inline Seven numbered(int n) {
    Seven made{};
    made.bytes.fill(static_cast<unsigned char>(n));
    return made;
}
template <>
inline Pair numbered(int n) {
    return {n, -n};
}
template <>
inline Initialised numbered(int n) {
    return {n, -n};
}
template <>
inline Twelve numbered(int n) {
    return {n, 2 * n, 3 * n};
}
template <>
inline Whole numbered(int n) {
    return {n, {n, n, n, n, n, n}, n};
}
template <>
inline Overaligned numbered(int n) {
    return {n};
}

template <class T>
bool is_aligned(const T* place) {
    return reinterpret_cast<std::uintptr_t>(place) % alignof(T) == 0;
}

} // namespace support
