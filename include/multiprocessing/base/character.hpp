#pragma once
#include <multiprocessing/base/language.hpp>

#include <concepts>
#include <string_view>
#include <type_traits>

/// \file
/// Which types are characters.

namespace multiprocessing::detail {

/// Characters make strings: arrays of them have value() and raw().
template <class T>
concept character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
                    std::same_as<T, char16_t> || std::same_as<T, char32_t>;

/// A text of them, for parameters. Of what is no character there is none: to ask whether something converts to `std::basic_string_view<T>`
/// instantiates it, which is ill-formed for a T that is not trivial.
struct no_text {
    no_text() = delete;
};
template <class T>
using text_view = std::conditional_t<character<T>, std::basic_string_view<T>, no_text>;

} // namespace multiprocessing::detail
