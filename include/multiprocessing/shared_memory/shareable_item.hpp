#pragma once

#include <multiprocessing/shared_memory/detail/python_repr.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <variant>

/// \file
/// What a `ShareableList` can hold, and what of it is equal.

namespace multiprocessing {

/// Python's `None`. Its only value is `none`.
struct none_t {
    friend bool operator==(none_t, none_t) = default;
    /// `None`
    friend std::ostream& operator<<(std::ostream& out, none_t) { return out << "None"; }
};
/// An item that is nothing.
inline constexpr none_t none{};

/// Python's `bytes`: any bytes, where a `std::string` is text in UTF-8.
class bytes {
public:
    bytes() = default;
    /// A copy of these.
    /// @{
    explicit bytes(std::string_view content) : content_(content) {}
    explicit bytes(std::span<const std::byte> content)
        : content_(reinterpret_cast<const char*>(content.data()), content.size()) {}
    /// @}

    [[nodiscard]] std::string_view view() const noexcept { return content_; }     ///< All of them.
    [[nodiscard]] std::size_t size() const noexcept { return content_.size(); } ///< How many.

    friend bool operator==(const bytes&, const bytes&) = default;
    /// `b'HoWdY'`
    friend std::ostream& operator<<(std::ostream& out, const bytes& one) { return detail::print_repr(out << 'b', one.view(), detail::text_kind::bytes); }

private:
    std::string content_;
};

/// An item of a `ShareableList`. Made from `none`, a `bool`, any integer that fits 64 bits with a sign, a number with a fraction, a text (a
/// `std::string` or a literal, in UTF-8) or `bytes`; other types do not compile. Looked at with `std::get`, `std::visit` and their kin.
///
/// \see docs/python_interop.md
using ShareableItem = std::variant<none_t, bool, std::int64_t, double, std::string, bytes>;

/// What Python calls equal: `1`, `1.0` and `True` are, a text and bytes never. (`==` of two items is that of `std::variant`: also of the same type.)
[[nodiscard]] bool is_equal_in_python(const ShareableItem& one, const ShareableItem& other);

namespace detail {

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

/// As Python writes it.
inline std::ostream& print_item(std::ostream& out, const ShareableItem& item) {
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

inline bool is_equal_in_python(const ShareableItem& one, const ShareableItem& other) {
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
