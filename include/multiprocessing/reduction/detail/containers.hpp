#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/reduction/incoming.hpp>

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

/// \file
/// What the standard's types are made of.

namespace multiprocessing::detail {

template <class... T>
struct parts {};

template <class T>
inline constexpr bool text = false;
template <class Char, class Traits, class Allocator>
inline constexpr bool text<std::basic_string<Char, Traits, Allocator>> = true;

template <class T>
inline constexpr bool optional_like = false;
template <class T>
inline constexpr bool optional_like<std::optional<T>> = true;

template <class T>
inline constexpr bool variant_like = false;
template <class... T>
inline constexpr bool variant_like<std::variant<T...>> = true;

/// The types of a fixed number of values.
template <class T>
struct find_parts {
    using type = void;
};
template <class... T>
struct find_parts<std::tuple<T...>> {
    using type = parts<T...>;
};
template <class A, class B>
struct find_parts<std::pair<A, B>> {
    using type = parts<A, B>;
};
template <class T, std::size_t N>
struct find_parts<std::array<T, N>> {
    template <std::size_t... I>
    static parts<std::enable_if_t<(I < N), T>...> repeat(std::index_sequence<I...>);
    using type = decltype(repeat(std::make_index_sequence<N>()));
};
template <class T>
struct find_parts<std::optional<T>> {
    using type = parts<T>;
};
template <class... T>
struct find_parts<std::variant<T...>> {
    using type = parts<T...>;
};
template <class T>
using parts_of = typename find_parts<T>::type;

template <class T>
concept composed = !std::is_void_v<parts_of<T>>;

/// Any number of values: vector, deque, list, set, map and their like.
template <class T>
concept container = requires(const T& read, T& written, typename T::value_type element) {
    { read.size() } -> std::convertible_to<std::size_t>;
    read.begin() != read.end();
    written.insert(written.end(), std::move(element));
} && std::default_initializable<T>;

/// Its element, as it is built outside of it: a map's key is const only inside.
template <class T>
struct find_element {
    using type = T;
};
template <class Key, class Mapped>
struct find_element<std::pair<const Key, Mapped>> {
    using type = std::pair<Key, Mapped>;
};
template <class T>
using element_of = typename find_element<typename T::value_type>::type;

template <class T>
[[nodiscard]] T copy_of_bytes(std::string_view bytes) {
    std::array<std::byte, sizeof(T)> copy;
    std::memcpy(copy.data(), bytes.data(), sizeof(T));
    return std::bit_cast<T>(copy);
}

[[noreturn]] void throw_no_such_alternative();
[[noreturn]] void throw_text_too_long();

/// The alternative whose number comes first. `decode_part(parts<T>())` decodes a T.
template <class Variant, class DecodePart, std::size_t I = 0>
[[nodiscard]] Variant decode_alternative_from(std::uint64_t index, DecodePart decode_part) {
    if constexpr (I == std::variant_size_v<Variant>) {
        throw_no_such_alternative();
    } else if (index == I) {
        return Variant(std::in_place_index<I>, decode_part(parts<std::variant_alternative_t<I, Variant>>()));
    } else {
        return decode_alternative_from<Variant, DecodePart, I + 1>(index, decode_part);
    }
}
template <class Variant, class DecodePart>
[[nodiscard]] Variant decode_alternative(reduction::incoming& in, DecodePart decode_part) {
    return decode_alternative_from<Variant>(in.take_number(), decode_part);
}

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/reduction/detail/containers.ipp>
#endif
