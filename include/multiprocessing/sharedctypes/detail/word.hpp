#pragma once

#include <atomic>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

/// \file
/// What the processor stores in one step, and what of a type decides how it is handled.

namespace multiprocessing::detail {

template <std::size_t Bytes>
consteval bool fits_a_word() {
    return Bytes <= 8 && std::has_single_bit(Bytes);
}

/// A type whose objects are stored whole by one instruction: nobody, whoever is killed, ever sees half of one. Every
/// place the library puts one at is aligned to its size.
template <class T>
concept word = std::is_trivially_copyable_v<T> && fits_a_word<sizeof(T)>();

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

/// Characters make strings: arrays of them have value() and raw().
template <class T>
concept character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
                    std::same_as<T, char16_t> || std::same_as<T, char32_t>;

/// What a T may be computed with or made from: for numbers, any number but a fraction for an integer, which would be cut off
/// unseen; for classes, what the class takes.
template <class U, class T>
concept operand_of = !std::is_arithmetic_v<T> ||
                     (std::is_arithmetic_v<U> && !(std::is_integral_v<T> && std::is_floating_point_v<U>));

} // namespace multiprocessing::detail
