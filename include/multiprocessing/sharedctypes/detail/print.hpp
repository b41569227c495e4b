#pragma once

#include <concepts>
#include <ostream>
#include <string_view>
#include <type_traits>

/// \file
/// How values and arrays are written to a stream.

namespace multiprocessing::detail {

template <class T>
concept printable = requires(std::ostream& out, const T& value) { out << value; };

/// Bytes are numbers here, as in Python; a std::atomic prints what it holds.
template <printable T>
std::ostream& print(std::ostream& out, const T& value) {
    if constexpr (std::same_as<T, signed char> || std::same_as<T, unsigned char>) {
        return out << static_cast<int>(value);
    } else {
        return out << value;
    }
}

/// `[1, 2, 3]`; an array of char as the text up to its first NUL.
template <class Range>
std::ostream& print_range(std::ostream& out, const Range& range) {
    if constexpr (std::same_as<std::remove_cvref_t<decltype(*range.begin())>, char>) {
        const std::string_view all(range.data(), range.size());
        return out << all.substr(0, all.find('\0'));
    } else {
        const char* separator = "[";
        for (const auto& each : range) {
            print(out << separator, each);
            separator = ", ";
        }
        return out << (*separator == '[' ? "[]" : "]");
    }
}

} // namespace multiprocessing::detail
