#pragma once

#include <multiprocessing/base/escaped.hpp>

#include <cstddef>

namespace multiprocessing::detail {

/// Whether a terminal shows it as a character of its own, and does nothing else.
[[nodiscard]] constexpr bool is_seen(char32_t character) noexcept {
    struct range {
        char32_t first;
        char32_t last;
    };
    constexpr range unseen[] = {
        {0x00, 0x1f},       {'"', '"'},         {'\\', '\\'},       {0x7f, 0x9f},       {0xad, 0xad},       {0x61c, 0x61c},
        {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},   {0xd800, 0xdfff},   {0xfeff, 0xfeff},   {0xfff9, 0xfffb},
        {0xfffe, 0xffff},   {0xe0000, 0xe007f}, {0x110000, 0xffffffff},
    };
    for (const range& each : unseen) {
        if (each.first <= character && character <= each.last) {
            return false;
        }
    }
    return true;
}

/// How many bytes the first character has, if it is one that is seen; otherwise 0.
[[nodiscard]] constexpr std::size_t seen_bytes(std::string_view text) noexcept {
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000}; // by number of bytes: what is written longer than it needs is no UTF-8
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t bytes = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
    if (bytes == 0 || bytes > text.size()) {
        return 0;
    }
    char32_t character = bytes == 1 ? first : first & (0x7fu >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0) != 0x80) {
            return 0;
        }
        character = character << 6 | (next & 0x3fu);
    }
    return character >= smallest[bytes] && is_seen(character) ? bytes : 0;
}

MULTIPROCESSING_INLINE std::string escaped(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string shown;
    shown.reserve(text.size());
    while (!text.empty()) {
        std::size_t bytes = seen_bytes(text);
        if (bytes != 0) {
            shown.append(text.substr(0, bytes));
        } else {
            const auto byte = static_cast<unsigned char>(text.front());
            shown.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 0xfu]);
            bytes = 1;
        }
        text.remove_prefix(bytes);
    }
    return shown;
}

} // namespace multiprocessing::detail
