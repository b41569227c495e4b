#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

/// \file
/// Finds pointers inside aggregates, at compile time and without reflection.
///
/// The largest n for which `T{anything, ... n times}` compiles is the number of values an aggregate is made of (the elements of a
/// member array count one by one). Replace `anything` by something that converts to every type but pointers, and to a class only
/// when that has no pointers itself: if it still compiles, there is no pointer in T.
///
/// (Boost.PFR enumerates members as well, but has no answer for arrays in structs, the commonest members of shared ones.)

namespace multiprocessing::detail {

template <class T>
inline constexpr bool is_view = !std::is_same_v<std::unwrap_reference_t<T>, T>; // std::reference_wrapper, without <functional>
template <class Char, class Traits>
inline constexpr bool is_view<std::basic_string_view<Char, Traits>> = true;
template <class T, std::size_t N>
inline constexpr bool is_view<std::span<T, N>> = true;

/// An address by itself: pointers to objects, functions and members, nullptr, and the standard's views and references.
template <class T>
inline constexpr bool is_pointer_like =
    std::is_pointer_v<T> || std::is_member_pointer_v<T> || std::is_null_pointer_v<T> || is_view<T>;
template <class T>
inline constexpr bool is_pointer_like<std::optional<T>> = is_pointer_like<T>;

template <class T>
consteval bool has_pointer_members();

template <class Aggregate>
struct anything {
    template <class T>
        requires(!std::same_as<T, Aggregate>) // or T{anything} could be read as a copy of T
    operator T() const noexcept;
};

template <class Aggregate>
struct anything_but_pointers {
    template <class T>
        requires(!std::same_as<T, Aggregate> && !has_pointer_members<T>())
    operator T() const noexcept;
};

/// Where it meets a class with pointers, the class is made of several of it in its place ("brace elision").
template <class Aggregate>
struct anything_but_classes_with_pointers {
    template <class T>
        requires(!std::same_as<T, Aggregate> && !(std::is_class_v<T> && has_pointer_members<T>()))
    operator T() const noexcept;
};

template <class T, class Value, std::size_t... I>
consteval bool can_be_made_of(std::index_sequence<I...>) {
    return requires { T{((void)I, std::declval<Value>())...}; };
}

template <class T, class Value, std::size_t N>
inline constexpr bool can_be_made_of_n = can_be_made_of<T, Value>(std::make_index_sequence<N>{});

/// Beyond so many values only the first are looked at: what is that large is mostly one long array.
inline constexpr std::size_t most_values_counted = 256;

/// Between Low, which T can be made of, and High, which it cannot.
template <class T, std::size_t Low, std::size_t High>
consteval std::size_t count_values() {
    if constexpr (High - Low == 1) {
        return Low;
    } else if constexpr (can_be_made_of_n<T, anything<T>, (Low + High) / 2>) {
        return count_values<T, (Low + High) / 2, High>();
    } else {
        return count_values<T, Low, (Low + High) / 2>();
    }
}

template <class T>
consteval bool has_pointer_members() {
    if constexpr (is_pointer_like<T>) {
        return true;
    } else if constexpr (std::is_class_v<T> && std::is_aggregate_v<T> && !std::is_empty_v<T>) {
        // An aggregate of n bytes has at most 8 n members (bit-fields of one bit).
        constexpr std::size_t high = sizeof(T) * 8 < most_values_counted ? sizeof(T) * 8 : most_values_counted;
        constexpr std::size_t count = count_values<T, 0, high + 1>();
        // The values for a class at the end need not reach its pointer. But then T takes more of them than it has members.
        return !can_be_made_of_n<T, anything_but_pointers<T>, count> ||
               (count < most_values_counted && can_be_made_of_n<T, anything_but_classes_with_pointers<T>, count + 1>);
    } else {
        return false;
    }
}

} // namespace multiprocessing::detail
