#pragma once

#include <multiprocessing/base/any_integer.hpp>
#include <multiprocessing/base/form.hpp>

#include <atomic>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

/// \file
/// What the processor stores in one step, and what of a type decides how it is handled.

namespace multiprocessing::detail {

[[nodiscard]] constexpr bool fits_a_word(std::size_t bytes) noexcept {
    return bytes <= 8 && std::has_single_bit(bytes);
}

/// A type whose objects are stored whole by one instruction: nobody, whoever is killed, ever sees half of one. Every
/// place the library puts one at is aligned to its size.
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

/// Characters make strings: arrays of them have value() and raw().
template <class T>
concept character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
                    std::same_as<T, char16_t> || std::same_as<T, char32_t>;

/// A text of them, for parameters. Of what is no character there is none: to ask whether something converts to `std::basic_string_view<T>`
/// instantiates it, which is ill-formed for a T that is not trivial.
struct no_text {
    no_text() = delete;
};
template <class T>
using text_view = std::conditional_t<character<T>, std::basic_string_view<T>, no_text>;

/// The number that something is worth: its own type for a number, what it converts to for an element of an array.
template <class U>
using number_in = std::remove_cvref_t<decltype(+std::declval<const U&>())>;

/// A number with a fraction, which an integer would cut off unseen.
template <class U, class T>
concept fraction_for = std::is_integral_v<T> && requires { requires std::is_floating_point_v<number_in<U>>; };

/// What a T may be computed with or made from: for numbers, any number but a fraction for an integer; for classes, what the
/// class takes.
template <class U, class T>
concept operand_of =
    !std::is_arithmetic_v<T> || (requires { requires std::is_arithmetic_v<number_in<U>>; } && !fraction_for<U, T>);

/// Throws `std::invalid_argument`: the number is none of an integer of so many bytes.
[[noreturn]] void throw_does_not_fit(any_integer number, std::size_t bytes, bool is_signed);

/// The value as a T. Throws `std::invalid_argument` for an integer that T does not have, which would become another one unseen.
template <class T, class U>
[[nodiscard]] constexpr T checked_number(const U& value) {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, U>) {
        const auto number = +value;
        const auto whole = static_cast<T>(number);
        if (std::cmp_not_equal(+whole, number)) {
            throw_does_not_fit(number, sizeof(T), std::is_signed_v<T>);
        }
        return whole;
    } else {
        return static_cast<T>(value);
    }
}

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/sharedctypes/detail/word.ipp>
#endif
