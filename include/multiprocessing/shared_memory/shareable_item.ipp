#pragma once

#include <multiprocessing/shared_memory/detail/python_repr.hpp>
#include <multiprocessing/shared_memory/shareable_item.hpp>

#include <concepts>
#include <optional>
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

/// An integer, or the integer that a bool is in Python.
[[nodiscard]] inline std::optional<std::int64_t> whole_number_in(const ShareableItem& item) noexcept {
    if (const bool* const truth = std::get_if<bool>(&item)) {
        return *truth ? 1 : 0;
    }
    const std::int64_t* const number = std::get_if<std::int64_t>(&item);
    return number != nullptr ? std::optional(*number) : std::nullopt;
}

/// Whether both hold a T, and an equal one.
template <class T>
[[nodiscard]] bool is_same(const ShareableItem& one, const ShareableItem& other) {
    const T* const a = std::get_if<T>(&one);
    const T* const b = std::get_if<T>(&other);
    return a != nullptr && b != nullptr && *a == *b;
}

MULTIPROCESSING_INLINE std::ostream& print_item(std::ostream& out, const ShareableItem& item) {
    if (const bool* const truth = std::get_if<bool>(&item)) {
        out << (*truth ? "True" : "False");
    } else if (const std::int64_t* const number = std::get_if<std::int64_t>(&item)) {
        out << *number;
    } else if (const double* const real = std::get_if<double>(&item)) {
        print_repr(out, *real);
    } else if (const std::string* const text = std::get_if<std::string>(&item)) {
        print_repr(out, *text, text_kind::text);
    } else if (const bytes* const some = std::get_if<bytes>(&item)) {
        out << *some;
    } else {
        out << none;
    }
    return out;
}

} // namespace detail

MULTIPROCESSING_INLINE bool is_equal_in_python(const ShareableItem& one, const ShareableItem& other) {
    const std::optional<std::int64_t> a = detail::whole_number_in(one);
    const std::optional<std::int64_t> b = detail::whole_number_in(other);
    if (a && b) {
        return *a == *b;
    }
    if (a || b) {
        const double* const real = std::get_if<double>(a ? &other : &one);
        return real != nullptr && detail::is_equal_number(a ? *a : *b, *real);
    }
    return detail::is_same<none_t>(one, other) || detail::is_same<double>(one, other) || detail::is_same<std::string>(one, other) ||
           detail::is_same<bytes>(one, other);
}

} // namespace multiprocessing
