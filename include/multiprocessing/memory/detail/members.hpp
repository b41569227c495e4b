#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

/// \file
/// The types of a struct's members, in their order, at compile time and without reflection.
///
/// (Not by Boost.PFR: it has no answer for members that are built-in arrays, and a bit-field or a base class is an error of its own, which would
/// forbid such types instead of leaving them unknown.)

namespace multiprocessing::detail {

template <class... Members>
struct member_list {
    static constexpr bool known = sizeof...(Members) != 0;
};

/// Converts to any member, not to the struct itself or a base of it: in `T{{any}, {any}}` a base would take the first braces.
template <class Struct>
struct anything_for_a_member {
    template <class Member>
        requires(!std::is_base_of_v<Member, Struct>)
    operator Member() const noexcept;
};

/// Converts to a base of the struct only. Where that initialises the first element, there is a base: a structured binding takes no members
/// of two classes.
template <class Struct>
struct anything_for_a_base {
    template <class Base>
        requires(std::is_base_of_v<Base, Struct> && !std::is_same_v<Base, Struct>)
    operator Base() const noexcept;
};
template <class T>
concept has_a_base = requires { T{std::declval<anything_for_a_base<T>>()}; };

template <class T, std::size_t... I>
consteval bool has_members(std::index_sequence<I...>) {
    return requires { T{{(static_cast<void>(I), std::declval<anything_for_a_member<T>>())}...}; };
}

inline constexpr std::size_t most_members = 16;

/// As many as can be initialised, each in braces of its own, so that an array takes no more than one. 0: not to be told.
template <class T, std::size_t Guess = most_members + 1>
consteval std::size_t count_members() {
    if constexpr (Guess == 0 || has_a_base<T>) {
        return 0;
    } else if constexpr (has_members<T>(std::make_index_sequence<Guess>())) {
        return Guess <= most_members ? Guess : 0;
    } else {
        return count_members<T, Guess - 1>();
    }
}

/// Only its type is of use. decltype of a structured binding is the member's own type.
template <class T>
auto members_of(T& object) {
    constexpr std::size_t count = count_members<T>();
    if constexpr (count == 0) {
        return member_list<>();
    } else if constexpr (count == 1) {
        auto& [a] = object;
        return member_list<decltype(a)>();
    } else if constexpr (count == 2) {
        auto& [a, b] = object;
        return member_list<decltype(a), decltype(b)>();
    } else if constexpr (count == 3) {
        auto& [a, b, c] = object;
        return member_list<decltype(a), decltype(b), decltype(c)>();
    } else if constexpr (count == 4) {
        auto& [a, b, c, d] = object;
        return member_list<decltype(a), decltype(b), decltype(c), decltype(d)>();
    } else if constexpr (count == 5) {
        auto& [a, b, c, d, e] = object;
        return member_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e)>();
    } else if constexpr (count == 6) {
        auto& [a, b, c, d, e, f] = object;
        return member_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f)>();
    } else if constexpr (count == 7) {
        auto& [a, b, c, d, e, f, g] = object;
        return member_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g)>();
    } else if constexpr (count == 8) {
        auto& [a, b, c, d, e, f, g, h] = object;
        return member_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g), decltype(h)>();
    } else if constexpr (count == 9) {
        auto& [a, b, c, d, e, f, g, h, i] = object;
        return member_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g), decltype(h), decltype(i)>();
    } else if constexpr (count == 10) {
        auto& [a, b, c, d, e, f, g, h, i, j] = object;
        return member_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g), decltype(h), decltype(i),
                           decltype(j)>();
    } else if constexpr (count == 11) {
        auto& [a, b, c, d, e, f, g, h, i, j, k] = object;
        return member_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g), decltype(h), decltype(i),
                           decltype(j), decltype(k)>();
    } else if constexpr (count == 12) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l] = object;
        return member_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g), decltype(h), decltype(i),
                           decltype(j), decltype(k), decltype(l)>();
    } else if constexpr (count == 13) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = object;
        return member_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g), decltype(h), decltype(i),
                           decltype(j), decltype(k), decltype(l), decltype(m)>();
    } else if constexpr (count == 14) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = object;
        return member_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g), decltype(h), decltype(i),
                           decltype(j), decltype(k), decltype(l), decltype(m), decltype(n)>();
    } else if constexpr (count == 15) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = object;
        return member_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g), decltype(h), decltype(i),
                           decltype(j), decltype(k), decltype(l), decltype(m), decltype(n), decltype(o)>();
    } else if constexpr (count == 16) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = object;
        return member_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g), decltype(h), decltype(i),
                           decltype(j), decltype(k), decltype(l), decltype(m), decltype(n), decltype(o), decltype(p)>();
    }
}

} // namespace multiprocessing::detail
