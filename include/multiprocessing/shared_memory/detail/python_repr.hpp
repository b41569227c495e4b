#pragma once

#include <array>
#include <charconv>
#include <limits>
#include <ostream>
#include <string>
#include <string_view>

/// \file
/// How Python writes values (`repr`).

namespace multiprocessing::detail {

enum class text_kind { text, bytes };

/// In quotes, with what cannot be seen escaped; of bytes, everything beyond ASCII too.
inline std::ostream& print_repr(std::ostream& out, std::string_view text, text_kind kind) {
    const bool has_single = text.find('\'') != std::string_view::npos;
    const char quote = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
    out << quote;
    for (const char each : text) {
        const auto code = static_cast<unsigned char>(each);
        if (each == quote || each == '\\') {
            out << '\\' << each;
        } else if (each == '\n') {
            out << "\\n";
        } else if (each == '\r') {
            out << "\\r";
        } else if (each == '\t') {
            out << "\\t";
        } else if (code < 0x20 || code == 0x7f || (code > 0x7f && kind == text_kind::bytes)) {
            out << "\\x" << "0123456789abcdef"[code >> 4] << "0123456789abcdef"[code & 0xf];
        } else {
            out << each;
        }
    }
    return out << quote;
}

/// As few digits as tell it from every other double, and something that shows it is one: `1.0`, `-273.154`, `1e+22`.
inline std::ostream& print_repr(std::ostream& out, double number) {
    const double size = number < 0 ? -number : number;
    if (number != number) {
        return out << "nan";
    }
    if (size == std::numeric_limits<double>::infinity()) {
        return out << (number < 0 ? "-inf" : "inf");
    }
    std::array<char, 64> text{};
    // Python: an exponent from 1e16 on and below 1e-4.
    const auto form = size != 0 && (size >= 1e16 || size < 1e-4) ? std::chars_format::scientific : std::chars_format::fixed;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number, form).ptr;
    const std::string_view digits(text.data(), static_cast<std::size_t>(end - text.data()));
    return out << digits << (digits.find_first_of(".e") == std::string_view::npos ? ".0" : "");
}

} // namespace multiprocessing::detail
