#pragma once

#include <multiprocessing/base/any_integer.hpp>
#include <multiprocessing/base/character.hpp>
#include <multiprocessing/base/form.hpp>
#include <multiprocessing/base/number.hpp>
#include <multiprocessing/base/ranges.hpp>
#include <multiprocessing/base/slice.hpp>
#include <multiprocessing/memory/shareable.hpp>

#include <concepts>
#include <cstddef>
#include <limits>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

/// \file
/// What arrays are made from, and what a slice of one becomes.

namespace multiprocessing::detail {

/// A length: any integer, so that a negative one is seen and refused, but no truth value and no character.
template <class N>
concept array_length = std::integral<N> && !std::same_as<N, bool> && !character<N>;

[[noreturn]] void throw_negative_length(any_integer length);
[[noreturn]] void throw_too_long(any_integer length, std::size_t element_bytes);

/// Throws `std::invalid_argument` for a negative length, `std::length_error` for one no address space could hold.
template <class T, array_length N>
[[nodiscard]] constexpr std::size_t checked_length(N length) {
    if (std::cmp_less(length, 0)) {
        throw_negative_length(length);
    }
    constexpr std::size_t most = (std::numeric_limits<std::ptrdiff_t>::max)() / (2 * sizeof(T)) - 64; // and room for a shadow
    if (std::cmp_greater(length, most)) {
        throw_too_long(length, sizeof(T));
    }
    return static_cast<std::size_t>(length);
}

/// What can be written to an array of T. It must be possible to go through it twice: once to count, once to copy.
template <class R, class T>
concept elements_for = std::ranges::forward_range<R> && std::convertible_to<std::ranges::range_reference_t<R>, T> &&
                       operand_of<std::ranges::range_value_t<R>, T> &&
                       !(character<T> && std::convertible_to<R, text_view<T>>);

/// One of them as a T. Throws `std::invalid_argument` for an integer that T does not have.
template <class T, class U>
[[nodiscard]] T element_from(U&& given) {
    if constexpr (std::is_arithmetic_v<T> && std::is_arithmetic_v<std::remove_cvref_t<U>>) {
        return checked_number<T>(given);
    } else {
        return static_cast<T>(std::forward<U>(given));
    }
}

/// Slices are copies: a string of characters, a vector of anything else.
template <class T>
struct slice_copy {
    using type = std::vector<T>;
};
template <character T>
struct slice_copy<T> {
    using type = std::basic_string<T>;
};

/// The elements in private memory: whatever the range does when it is read, it has done before a lock is taken or a byte changed.
template <class T, class R>
[[nodiscard]] std::vector<T> collect(R&& range) {
    std::vector<T> values;
    if constexpr (std::ranges::sized_range<R>) {
        values.reserve(std::ranges::size(range));
    }
    for (auto&& each : range) {
        if constexpr (std::is_arithmetic_v<T>) {
            values.push_back(element_from<T>(each));
        } else { // in its place: an element may be larger than the stack
            values.emplace_back(std::forward<decltype(each)>(each));
        }
    }
    return values;
}

/// Makes the elements of a new array whose memory reads as zeros. What is zero anyway is not touched, so an array that is never used
/// takes no memory.
template <class T>
void make_default(T* first, std::size_t count) {
    if constexpr (!std::is_trivially_default_constructible_v<T>) {
        for (std::size_t i = 0; i < count; ++i) {
            new (first + i) T();
        }
    }
}

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/sharedctypes/detail/elements.ipp>
#endif
