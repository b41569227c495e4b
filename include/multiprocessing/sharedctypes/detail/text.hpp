#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/base/character.hpp>

#include <cstddef>
#include <string>
#include <string_view>

/// \file
/// What text does to an array of characters: Python's `value` and `raw`.

namespace multiprocessing::detail {

/// Throws `std::length_error`, naming both, when `given` characters do not fit.
void require_fits(std::size_t given, std::size_t size);

template <character T>
[[nodiscard]] std::basic_string<T> up_to_first_nul(const T* first, std::size_t size) {
    const std::basic_string_view<T> all(first, size);
    return std::basic_string<T>(all.substr(0, all.find(T{})));
}

/// `text`, and one NUL behind it if there is room: how far a new value() changes the array.
template <character T>
[[nodiscard]] std::basic_string<T> with_nul(std::basic_string_view<T> text, std::size_t size) {
    require_fits(text.size(), size);
    std::basic_string<T> bytes(text);
    if (text.size() < size) {
        bytes.push_back(T{});
    }
    return bytes;
}

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/sharedctypes/detail/text.ipp>
#endif
