#pragma once

#include <multiprocessing/shared_memory/detail/python_repr.hpp>
#include <multiprocessing/shared_memory/shareable_item.hpp>

#include <concepts>
#include <ostream>

namespace multiprocessing {

namespace detail {

MULTIPROCESSING_INLINE std::ostream& print_none(std::ostream& out) { return out << "None"; }

MULTIPROCESSING_INLINE std::ostream& print_bytes(std::ostream& out, const bytes& one) {
    return print_repr(out << 'b', one.view(), text_kind::bytes);
}

/// Exactly: no integer is rounded to a double.
[[nodiscard]] inline bool is_equal_number(std::int64_t integer, double real) noexcept {
    constexpr double end = 9223372036854775808.0; // 2^63
    return real >= -end && real < end && static_cast<std::int64_t>(real) == integer &&
           static_cast<double>(static_cast<std::int64_t>(real)) == real;
}

template <class T>
inline constexpr bool is_whole = false;
template <>
inline constexpr bool is_whole<bool> = true;
template <>
inline constexpr bool is_whole<std::int64_t> = true;

MULTIPROCESSING_INLINE std::ostream& print_item(std::ostream& out, const ShareableItem& item) {
    std::visit(
        [&]<class T>(const T& value) {
            if constexpr (std::same_as<T, bool>) {
                out << (value ? "True" : "False");
            } else if constexpr (std::same_as<T, double>) {
                print_repr(out, value);
            } else if constexpr (std::same_as<T, std::string>) {
                print_repr(out, value, text_kind::text);
            } else {
                out << value;
            }
        },
        item);
    return out;
}

} // namespace detail

MULTIPROCESSING_INLINE bool is_equal_in_python(const ShareableItem& one, const ShareableItem& other) {
    return std::visit(
        []<class A, class B>(const A& a, const B& b) {
            if constexpr (std::same_as<A, B>) {
                return a == b;
            } else if constexpr (detail::is_whole<A> && detail::is_whole<B>) {
                return std::int64_t{a} == std::int64_t{b};
            } else if constexpr (detail::is_whole<A> && std::same_as<B, double>) {
                return detail::is_equal_number(a, b);
            } else if constexpr (std::same_as<A, double> && detail::is_whole<B>) {
                return detail::is_equal_number(b, a);
            } else {
                return false;
            }
        },
        one, other);
}

} // namespace multiprocessing
