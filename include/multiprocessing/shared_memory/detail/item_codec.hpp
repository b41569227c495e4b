#pragma once

#include <multiprocessing/shared_memory/detail/utf8.hpp>
#include <multiprocessing/shared_memory/shareable_item.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

/// \file
/// One item of CPython's ShareableList as bytes: its content in a *slot*, and beside it a *format* (of Python's `struct` module, in 8 bytes) and a
/// *code* (how Python turns what it unpacked into the value).
///
///   item     content                             format       code
///   int      64 bits                             q            0
///   float    64 bits                             d            0
///   bool     seven zero bytes, 0 or 1            xxxxxxx?     0
///   None     eight zero bytes                    xxxxxx?x     3
///   str      UTF-8, then zeros to the slot's end <n>s         1      n: the size of the slot
///   bytes    likewise                            <n>s         2
///
/// CPython takes zeros off the end of text and bytes when it reads them, and cannot tell its own from those of the value. So a value that
/// ends in zeros is written with its own length for n, less than the slot's: with that nothing is taken off here, nor, of bytes, in Python,
/// when the code is 0 (the value as unpacked). Only a value that ends in zeros *and* fills its slot cannot be written so; and Python takes
/// the zeros off text.

namespace multiprocessing::detail {

inline constexpr std::size_t word_size = 8;
static_assert(sizeof(std::int64_t) == word_size && sizeof(double) == word_size && std::endian::native == std::endian::little,
              "multiprocessing: CPython's layout is written here for little-endian machines");

using format_field = std::array<char, word_size>;

enum class item_code : std::int8_t { as_unpacked = 0, text = 1, bytes = 2, nothing = 3 };

struct coded_item {
    format_field format{};
    item_code code = item_code::as_unpacked;
    /// The value of all items but text and bytes.
    std::uint64_t word = 0;
    /// Of text and bytes.
    std::optional<std::string_view> content;
};

[[nodiscard]] constexpr format_field to_field(std::string_view format) noexcept {
    format_field field{};
    std::ranges::copy(format.substr(0, word_size), field.begin());
    return field;
}

[[nodiscard]] inline std::string_view format_text(const format_field& field) noexcept {
    const std::string_view all(field.data(), field.size());
    return all.substr(0, all.find_last_not_of('\0') + 1);
}

inline constexpr std::string_view format_of_int = "q";
inline constexpr std::string_view format_of_float = "d";
inline constexpr std::string_view format_of_bool = "xxxxxxx?";
inline constexpr std::string_view format_of_none = "xxxxxx?x";

/// The longest slot whose format has a place in its field: seven digits and the `s`.
inline constexpr std::size_t longest_slot = 9'999'999;

/// The n of `<n>s`; empty for any other format.
[[nodiscard]] inline std::optional<std::size_t> length_in(std::string_view format) noexcept {
    std::size_t length = 0;
    const char* const end = format.data() + format.size();
    const auto [stop, error] = std::from_chars(format.data(), end, length);
    return error == std::errc() && stop + 1 == end && *stop == 's' ? std::optional(length) : std::nullopt;
}

/// The slot of an item of a new list. Of text by its bytes, where CPython counts characters and has too few of them.
[[nodiscard]] inline std::size_t slot_for(const ShareableItem& item) {
    const auto of = [](std::size_t length) { return word_size * (length / word_size + 1); };
    if (const auto* const text = std::get_if<std::string>(&item)) {
        return of(text->size());
    }
    if (const auto* const some = std::get_if<bytes>(&item)) {
        return of(some->size());
    }
    return word_size;
}

/// How the item is written to a slot of that size. Points to the item's content. Throws `std::length_error` when it does not fit, and
/// `std::invalid_argument` for a text that is not UTF-8.
[[nodiscard]] inline coded_item encode_item(const ShareableItem& item, std::size_t slot) {
    coded_item coded;
    const auto set_word = [&](std::string_view format, std::uint64_t word) {
        if (slot < word_size) {
            throw std::length_error("multiprocessing: a slot of " + std::to_string(slot) + " bytes is too small for a number");
        }
        coded.format = to_field(format);
        coded.word = word;
    };
    const auto set_content = [&](std::string_view content, item_code code, item_code code_of_exact) {
        if (content.size() > slot) {
            throw std::length_error("multiprocessing: " + std::to_string(content.size()) + " bytes of text or bytes do not fit into an item that has room for " +
                                    std::to_string(slot));
        }
        if (slot > longest_slot) {
            throw std::length_error("multiprocessing: an item of " + std::to_string(content.size()) + " bytes is too long for a ShareableList, which has a limit of 10 MB");
        }
        const bool exact = content.ends_with('\0') && content.size() < slot;
        coded.format = to_field(std::to_string(exact ? content.size() : slot) + "s");
        coded.code = exact ? code_of_exact : code;
        coded.content = content;
    };
    if (const bool* const truth = std::get_if<bool>(&item)) {
        set_word(format_of_bool, std::uint64_t{*truth} << 56); // the last byte
    } else if (const std::int64_t* const number = std::get_if<std::int64_t>(&item)) {
        set_word(format_of_int, std::bit_cast<std::uint64_t>(*number));
    } else if (const double* const real = std::get_if<double>(&item)) {
        set_word(format_of_float, std::bit_cast<std::uint64_t>(*real));
    } else if (const std::string* const text = std::get_if<std::string>(&item)) {
        if (!is_utf8(*text)) {
            throw std::invalid_argument("multiprocessing: a text that is not UTF-8, which Python could not read: write mp::bytes for bytes");
        }
        set_content(*text, item_code::text, item_code::text);
    } else if (const bytes* const some = std::get_if<bytes>(&item)) {
        set_content(some->view(), item_code::bytes, item_code::as_unpacked);
    } else {
        set_word(format_of_none, 0);
        coded.code = item_code::nothing;
    }
    return coded;
}

/// Makes `item` what `slot` holds; false when format and code are none that CPython or this library writes to a slot of that size.
[[nodiscard]] inline bool decode_item(ShareableItem& item, const format_field& field, item_code code, const std::byte* slot, std::size_t slot_size) {
    const std::string_view format = format_text(field);
    if (const auto length = length_in(format)) {
        if (*length > slot_size || code > item_code::bytes || code < item_code::as_unpacked) {
            return false;
        }
        std::string content(reinterpret_cast<const char*>(slot), *length);
        if (*length == slot_size && code != item_code::as_unpacked) {
            content.resize(content.find_last_not_of('\0') + 1);
        }
        if (code == item_code::text) {
            item.emplace<std::string>(std::move(content));
        } else {
            item.emplace<bytes>(content);
        }
        return true;
    }
    if (slot_size < word_size) {
        return false;
    }
    std::uint64_t word = 0;
    std::memcpy(&word, slot, sizeof(word));
    if (code == item_code::nothing && format == format_of_none) {
        item.emplace<none_t>();
    } else if (code == item_code::as_unpacked && format == format_of_bool) {
        item.emplace<bool>(word >> 56 != 0);
    } else if (code == item_code::as_unpacked && format == format_of_int) {
        item.emplace<std::int64_t>(std::bit_cast<std::int64_t>(word));
    } else if (code == item_code::as_unpacked && format == format_of_float) {
        item.emplace<double>(std::bit_cast<double>(word));
    } else {
        return false;
    }
    return true;
}

} // namespace multiprocessing::detail
