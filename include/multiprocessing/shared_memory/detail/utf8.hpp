#pragma once

#include <cstddef>
#include <string_view>

namespace multiprocessing::detail {

/// Whether Python would take it for UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF.
[[nodiscard]] inline bool is_utf8(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const auto at = [&](std::size_t n) { return i + n < text.size() ? static_cast<unsigned char>(text[i + n]) : 0u; };
        const unsigned lead = at(0);
        const std::size_t length = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
        if (length == 0 || (lead == 0xe0 && at(1) < 0xa0) || (lead == 0xed && at(1) > 0x9f) || (lead == 0xf0 && at(1) < 0x90) ||
            (lead == 0xf4 && at(1) > 0x8f)) {
            return false;
        }
        for (std::size_t n = 1; n < length; ++n) {
            if ((at(n) & 0xc0) != 0x80) {
                return false;
            }
        }
        i += length;
    }
    return true;
}

} // namespace multiprocessing::detail
