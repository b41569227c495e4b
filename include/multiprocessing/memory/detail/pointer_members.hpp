#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

/// \file
/// Finds out what an aggregate is made of, pointers above all, at compile time and without reflection.
///
/// The largest n for which `T{anything, ... n times}` compiles is the number of values an aggregate is made of (the elements of a
/// member array count one by one). Replace `anything` by something that converts to what is allowed alone, as to every type but pointers, and to a class only
/// when that has none itself: if it still compiles, T is made of what is allowed.
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
inline constexpr bool is_atomic = false;
template <class T>
inline constexpr bool is_atomic<std::atomic<T>> = true;

template <class Aggregate>
struct anything {
    template <class T>
        requires(!std::same_as<T, Aggregate>) // or T{anything} could be read as a copy of T
    operator T() const noexcept;
};

/// `Allowed::of<T>()` says what.
template <class Aggregate, class Allowed>
struct anything_allowed {
    template <class T>
        requires(!std::same_as<T, Aggregate> && Allowed::template of<T>())
    operator T() const noexcept;
};

/// Where it meets an aggregate that is not allowed, that is made of several of it in its place ("brace elision").
template <class Aggregate, class Allowed>
struct anything_but_other_aggregates {
    template <class T>
        requires(!std::same_as<T, Aggregate> && !(std::is_class_v<T> && std::is_aggregate_v<T> && !Allowed::template of<T>()))
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

/// The first number from N on, or 0. For what has a member that needs a value: a T that is made of three such values is not made of one or two.
template <class T, std::size_t N, std::size_t Most>
consteval std::size_t first_possible_count() {
    if constexpr (N > Most) {
        return 0;
    } else if constexpr (can_be_made_of_n<T, anything<T>, N>) {
        return N;
    } else {
        return first_possible_count<T, N + 1, Most>();
    }
}

/// Of an aggregate that is not empty. 0: it cannot be told, as where a reference has to be bound.
template <class T>
consteval std::size_t count_all_values() {
    // An aggregate of n bytes has at most 8 n members (bit-fields of one bit).
    constexpr std::size_t high = sizeof(T) * 8 < most_values_counted ? sizeof(T) * 8 : most_values_counted;
    constexpr std::size_t low = can_be_made_of_n<T, anything<T>, 0> ? 0 : first_possible_count<T, 1, (high < 64 ? high : 64)>();
    return count_values<T, low, high + 1>();
}

/// Whether an aggregate that is not empty is made of what is allowed, and of nothing else.
template <class T, class Allowed>
consteval bool is_made_of() {
    constexpr std::size_t count = count_all_values<T>();
    // The values for an aggregate at the end need not reach what is wrong with it. But then T takes more of them than it has members.
    return can_be_made_of_n<T, anything_allowed<T, Allowed>, count> &&
           !(count < most_values_counted && can_be_made_of_n<T, anything_but_other_aggregates<T, Allowed>, count + 1>);
}

template <class T>
consteval bool has_pointer_members();

template <class T>
inline constexpr bool has_pointers_in_parts = false;
template <class T>
inline constexpr bool has_pointers_in_parts<std::atomic<T>> = has_pointer_members<T>();
template <class A, class B>
inline constexpr bool has_pointers_in_parts<std::pair<A, B>> = has_pointer_members<A>() || has_pointer_members<B>();
template <class... Elements>
inline constexpr bool has_pointers_in_parts<std::tuple<Elements...>> = (has_pointer_members<Elements>() || ...);

struct no_pointers {
    template <class T>
    static consteval bool of() {
        return !has_pointer_members<T>();
    }
};

template <class T>
consteval bool has_pointer_members() {
    if constexpr (is_pointer_like<T>) {
        return true;
    } else if constexpr (std::is_class_v<T> && std::is_aggregate_v<T> && !std::is_empty_v<T>) {
        return !is_made_of<T, no_pointers>();
    } else {
        return has_pointers_in_parts<T>;
    }
}

} // namespace multiprocessing::detail
