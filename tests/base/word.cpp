#include <multiprocessing/base/word.hpp>

#include "support/catch.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace detail = multiprocessing::detail;

namespace {

struct two_halves {
    std::int32_t first;
    std::int32_t second;
};

} // namespace

TEST_CASE("a word is what one instruction stores") {
    static_assert(detail::word<char> && detail::word<short> && detail::word<float> && detail::word<double> && detail::word<two_halves>);
    static_assert(!detail::word<std::array<char, 3>> && !detail::word<std::array<char, 16>> && !detail::word<std::string>);
    static_assert(detail::fits_a_word(8) && !detail::fits_a_word(0) && !detail::fits_a_word(6) && !detail::fits_a_word(16));
    alignas(8) two_halves place{1, 2};
    detail::store_word(place, two_halves{-3, 4});
    REQUIRE(place.first == -3);
    REQUIRE(place.second == 4);
    REQUIRE(detail::load_word(place).second == 4);
    alignas(8) double fraction = 0;
    detail::store_word(fraction, -0.5);
    REQUIRE(detail::load_word(fraction) == -0.5);
}
