#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/any_integer.hpp>
#include <multiprocessing/base/form.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

/// \file
/// Numbers of one type where those of another are asked for: no fraction is cut off, and no integer becomes another one, unseen.

namespace multiprocessing::detail {

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
#    include <multiprocessing/base/number.ipp>
#endif
