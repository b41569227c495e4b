#pragma once

#include <multiprocessing/base/escaped.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

/// \file
/// How large an element is, read from its format: the way back from memory/element_format.hpp.

namespace c_interface {

struct element_layout {
    std::size_t bytes;
    std::size_t alignment;
};

/// Reads one format, by recursive descent. A struct is accepted only where its members lie as a compiler puts them, since no C++ type is like
/// another one.
class element_parser {
public:
    /// Throws `std::invalid_argument`, which names what is wrong and where.
    [[nodiscard]] static element_layout parse(std::string_view format) {
        element_parser parser(format);
        const element_layout all = parser.element(0);
        if (parser.at_ != format.size()) {
            parser.refuse("it goes on behind its end");
        }
        return all;
    }

private:
    static constexpr std::size_t deepest = 64;

    explicit element_parser(std::string_view format) : format_(format) {}

    element_layout element(std::size_t depth) {
        if (depth == deepest) {
            refuse("it is nested too deeply");
        }
        const char letter = peek();
        if (letter == '{') {
            return members(depth);
        }
        if (letter >= '0' && letter <= '9') {
            const std::size_t count = number();
            take('*');
            const element_layout each = element(depth + 1);
            if (count == 0 || count > std::numeric_limits<std::size_t>::max() / 4 / each.bytes) {
                refuse("an array has 1 or more elements, and fits into memory");
            }
            return {count * each.bytes, each.alignment};
        }
        if (letter == '?') {
            refuse("what the C++ compiler could not look into can be opened, but not made here");
        }
        ++at_;
        const std::size_t bytes = number();
        if (!is_number(letter, bytes)) {
            refuse("there is no such number; i1 i2 i4 i8, u1 to u8, f4 f8 f16, b1, S1, U1 U2 U4 are there");
        }
        return {bytes, bytes};
    }

    element_layout members(std::size_t depth) {
        element_layout all{0, 1};
        do {
            ++at_; // the bracket or the comma
            const std::size_t offset = number();
            take(':');
            const element_layout each = element(depth + 1);
            if (offset != round_up(all.bytes, each.alignment)) {
                refuse("that member would lie at " + std::to_string(round_up(all.bytes, each.alignment)));
            }
            all = {offset + each.bytes, std::max(all.alignment, each.alignment)};
        } while (peek() == ',');
        take('}');
        all.bytes = round_up(all.bytes, all.alignment);
        if (number() != all.bytes) {
            refuse("that struct would have " + std::to_string(all.bytes) + " bytes");
        }
        return all;
    }

    [[nodiscard]] static bool is_number(char letter, std::size_t bytes) {
        switch (letter) {
        case 'i':
        case 'u':
            return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
        case 'f':
            return bytes == 4 || bytes == 8 || bytes == sizeof(long double);
        case 'b':
        case 'S':
            return bytes == 1;
        case 'U':
            return bytes == 1 || bytes == 2 || bytes == 4;
        default:
            return false;
        }
    }

    [[nodiscard]] static std::size_t round_up(std::size_t bytes, std::size_t alignment) {
        return (bytes + alignment - 1) / alignment * alignment;
    }

    [[nodiscard]] char peek() const { return at_ < format_.size() ? format_[at_] : '\0'; }

    void take(char expected) {
        if (peek() != expected) {
            refuse(std::string("a ") + expected + " is missing");
        }
        ++at_;
    }

    std::size_t number() {
        const std::size_t begin = at_;
        std::size_t value = 0;
        for (; peek() >= '0' && peek() <= '9'; ++at_) {
            if (value > std::numeric_limits<std::size_t>::max() / 1024) {
                refuse("a number is too large");
            }
            value = value * 10 + static_cast<std::size_t>(peek() - '0');
        }
        if (at_ == begin) {
            refuse("a number is missing");
        }
        return value;
    }

    [[noreturn]] void refuse(const std::string& why) const {
        throw std::invalid_argument("multiprocessing: \"" + multiprocessing::detail::escaped(format_) + "\" is not the format of an element, at character " +
                                    std::to_string(at_) + ": " + why + "; write for example i8, 3*f8 or {0:i4,8:f8}16");
    }

    std::string_view format_;
    std::size_t at_ = 0;
};

} // namespace c_interface
