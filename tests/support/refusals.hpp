#pragma once

#include <string>
#include <system_error>

/// \file
/// What a call says that is refused.

namespace support {

/// What the Error that it throws says; nothing when it throws none. Other errors pass.
template <class Error, class Call>
[[nodiscard]] std::string refusal_of(Call call) {
    try {
        call();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

/// Whether it throws `std::system_error` with this code.
template <class Call>
[[nodiscard]] bool refused(std::errc why, Call call) {
    try {
        call();
    } catch (const std::system_error& error) {
        return error.code() == why;
    }
    return false;
}

} // namespace support
