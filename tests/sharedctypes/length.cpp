#include "support/catch.hpp"

#include <multiprocessing/sharedctypes/length.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/with_lock.hpp>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace mp = multiprocessing;

TEST_CASE("length") {
    SECTION("is one in braces as in parentheses, of every array") {
        const mp::RawArray<double> raw{mp::length(1000)};
        CHECK(raw.size() == 1000);
        CHECK(raw.at(-1) == 0);
        CHECK(mp::RawArray<double>(mp::length(0)).empty());
        CHECK(mp::SharedArray<int>{mp::length(3U)}.slice() == std::vector{0, 0, 0});
        CHECK(mp::SharedArray<char>{mp::length(3)}.raw() == std::string(3, '\0'));
        const mp::SharedArray<int> first(1);
        CHECK(mp::SharedArray<int>{mp::with_lock(first.get_lock()), mp::length(5)}.size() == 5);
    }
    SECTION("is a constant where its number is one, and no number by itself") {
        static_assert(mp::length(3).elements() == 3);
        static_assert(!std::is_convertible_v<int, mp::length> && !std::is_convertible_v<mp::length, double>);
        static_assert(!std::is_constructible_v<mp::length, bool> && !std::is_constructible_v<mp::length, double>);
    }
    SECTION("is no negative number, and none that cannot be addressed") {
        CHECK_THROWS_AS(mp::length(-1), std::invalid_argument);
        CHECK_THROWS_AS(mp::length(std::numeric_limits<std::uint64_t>::max()), std::length_error);
        CHECK_THROWS_AS(mp::RawArray<double>{mp::length(std::numeric_limits<std::int64_t>::max() / 4)}, std::length_error);
    }
}
