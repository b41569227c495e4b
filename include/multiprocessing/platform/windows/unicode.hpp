#pragma once

#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace multiprocessing::platform::windows {

/// From UTF-8. Throws `std::invalid_argument` when it is none.
[[nodiscard]] inline std::wstring to_wide(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    const int length = static_cast<int>(text.size());
    const int units = ::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.data(), length, nullptr, 0);
    if (units == 0) {
        throw std::invalid_argument("multiprocessing: \"" + multiprocessing::detail::escaped(text) + "\" is not UTF-8, and Windows knows names in Unicode only");
    }
    std::wstring wide(static_cast<std::size_t>(units), L'\0');
    ::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.data(), length, wide.data(), units);
    return wide;
}

[[nodiscard]] inline std::string to_utf8(std::wstring_view wide) {
    if (wide.empty()) {
        return {};
    }
    const int units = static_cast<int>(wide.size());
    std::string text(static_cast<std::size_t>(::WideCharToMultiByte(CP_UTF8, 0, wide.data(), units, nullptr, 0, nullptr, nullptr)), '\0');
    ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), units, text.data(), static_cast<int>(text.size()), nullptr, nullptr);
    return text;
}

} // namespace multiprocessing::platform::windows
