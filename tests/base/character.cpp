#include <multiprocessing/base/character.hpp>

#include "support/catch.hpp"

#include <string>
#include <type_traits>

namespace detail = multiprocessing::detail;

TEST_CASE("characters make strings, bytes and numbers do not") {
    static_assert(detail::character<char> && detail::character<wchar_t> && detail::character<char8_t> && detail::character<char32_t>);
    static_assert(!detail::character<signed char> && !detail::character<unsigned char> && !detail::character<int> && !detail::character<const char>);
    static_assert(std::is_convertible_v<const char*, detail::text_view<char>>);
    // Of what has no text, nothing converts, and to ask is well-formed.
    static_assert(!std::is_convertible_v<const char*, detail::text_view<int>>);
    static_assert(!std::is_convertible_v<std::string, detail::text_view<std::string>>);
    SUCCEED();
}
