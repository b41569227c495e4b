#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/type_name.hpp>
#include <multiprocessing/memory/detail/members.hpp>
#include <multiprocessing/memory/shareable.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

/// \file
/// What a type looks like in memory, as text: two programs agree on a type when they agree on this.
///
/// A number is a letter and its bytes, as in numpy: `i4` `u8` `f8` `b1` (bool), `S1` (char), `U4` (a wider character). An enumeration is
/// its number, a lock-free atomic what it holds. `3*f8` is an array of three. A struct is its members with their offsets, and its size:
/// `{0:i4,8:f8}16`. A type that the compiler does not let us look into is its size and its name (base/type_name.hpp): `?24:4Node`.

namespace multiprocessing::detail {

template <class T>
[[nodiscard]] std::string element_format();

template <class T>
inline constexpr bool is_std_array = false;
template <class T, std::size_t N>
inline constexpr bool is_std_array<std::array<T, N>> = true;

template <class T>
[[nodiscard]] std::string opaque_format() {
    return ("?" + std::to_string(sizeof(T)) + ":").append(type_name<T>());
}

/// The members, where they come to lie one behind the other. (Bit-fields and such do not, which shows at the end.)
template <class T, class... Members>
[[nodiscard]] std::string struct_format(member_list<Members...>) {
    std::size_t end = 0;
    std::string text;
    const auto add = [&]<class Member>(std::type_identity<Member>) {
        const std::size_t offset = (end + alignof(Member) - 1) / alignof(Member) * alignof(Member);
        text += (text.empty() ? "{" : ",") + std::to_string(offset) + ":" + element_format<Member>();
        end = offset + sizeof(Member);
    };
    (add(std::type_identity<Members>()), ...);
    end = (end + alignof(T) - 1) / alignof(T) * alignof(T);
    return end == sizeof(T) ? text + "}" + std::to_string(sizeof(T)) : opaque_format<T>();
}

template <class T>
inline constexpr bool has_known_members = false;
template <class T>
    requires(std::is_class_v<T> && std::is_aggregate_v<T> && guardable<T>) // of one with a std::atomic, g++ 12 does not find the members that clang++ finds
inline constexpr bool has_known_members<T> = decltype(members_of(std::declval<T&>()))::known;

template <class T>
std::string element_format() {
    const auto number = [](const char* letter) { return letter + std::to_string(sizeof(T)); };
    if constexpr (is_atomic<T>) {
        return element_format<typename T::value_type>();
    } else if constexpr (std::is_enum_v<T>) {
        return element_format<std::underlying_type_t<T>>();
    } else if constexpr (std::is_same_v<T, bool>) {
        return number("b");
    } else if constexpr (std::is_same_v<T, char>) {
        return number("S");
    } else if constexpr (std::is_same_v<T, wchar_t> || std::is_same_v<T, char8_t> || std::is_same_v<T, char16_t> ||
                         std::is_same_v<T, char32_t>) {
        return number("U");
    } else if constexpr (std::is_floating_point_v<T>) {
        return number("f");
    } else if constexpr (std::is_integral_v<T>) {
        return number(std::is_signed_v<T> ? "i" : "u");
    } else if constexpr (is_std_array<T>) {
        return std::to_string(std::tuple_size_v<T>) + "*" + element_format<typename T::value_type>();
    } else if constexpr (std::is_array_v<T>) {
        return std::to_string(std::extent_v<T>) + "*" + element_format<std::remove_extent_t<T>>();
    } else if constexpr (has_known_members<T>) {
        return struct_format<T>(decltype(members_of(std::declval<T&>()))());
    } else {
        return opaque_format<T>();
    }
}

} // namespace multiprocessing::detail
