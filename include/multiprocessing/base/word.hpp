#pragma once
#include <multiprocessing/base/language.hpp>

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

/// \file
/// What the processor stores in one step.

namespace multiprocessing::detail {

[[nodiscard]] constexpr bool fits_a_word(std::size_t bytes) noexcept {
    return bytes <= 8 && std::has_single_bit(bytes);
}

/// A type whose objects are stored whole by one instruction: no process ever sees half of one, also when the process that stores it is killed.
/// Every place the library puts one at is aligned to its size.
template <class T>
concept word = std::is_trivially_copyable_v<T> && fits_a_word(sizeof(T));

#if defined(__GNUC__)
/// The integer in whose shape a word is stored. std::atomic_ref would do, but for a struct of two ints, whose type promises less
/// alignment than its place has, clang calls a library that nobody has linked.
template <std::size_t Bytes>
struct word_bits;
template <>
struct word_bits<1> {
    using type [[gnu::may_alias]] = std::uint8_t;
};
template <>
struct word_bits<2> {
    using type [[gnu::may_alias]] = std::uint16_t;
};
template <>
struct word_bits<4> {
    using type [[gnu::may_alias]] = std::uint32_t;
};
template <>
struct word_bits<8> {
    using type [[gnu::may_alias]] = std::uint64_t;
};

/// One atomic store; the lock that is held orders it, so it need not order anything itself.
template <word T>
void store_word(T& place, const T& value) noexcept {
    typename word_bits<sizeof(T)>::type bits;
    std::memcpy(&bits, &value, sizeof(T));
    __atomic_store_n(reinterpret_cast<typename word_bits<sizeof(T)>::type*>(&place), bits, __ATOMIC_RELAXED);
}
template <word T>
[[nodiscard]] T load_word(T& place) noexcept {
    return std::bit_cast<T>(
        __atomic_load_n(reinterpret_cast<typename word_bits<sizeof(T)>::type*>(&place), __ATOMIC_RELAXED));
}
static_assert(__atomic_always_lock_free(sizeof(std::uint64_t), nullptr));
#else
/// One atomic store; the lock that is held orders it, so it need not order anything itself.
template <word T>
void store_word(T& place, const T& value) noexcept {
    std::atomic_ref<T>(place).store(value, std::memory_order_relaxed);
}
template <word T>
[[nodiscard]] T load_word(T& place) noexcept {
    return std::atomic_ref<T>(place).load(std::memory_order_relaxed);
}
static_assert(std::atomic_ref<std::uint64_t>::is_always_lock_free && std::atomic_ref<double>::is_always_lock_free);
#endif

} // namespace multiprocessing::detail
