#include <multiprocessing/base/any_integer.hpp>

#include "support/catch.hpp"

#include <cstdint>
#include <limits>
#include <string>

namespace {

std::string text_of(multiprocessing::detail::any_integer number) { return number.text(); }

} // namespace

TEST_CASE("any_integer writes a number of any type as std::to_string does") {
    REQUIRE(text_of(0) == "0");
    REQUIRE(text_of(-1) == "-1");
    REQUIRE(text_of(static_cast<signed char>(-7)) == "-7");
    REQUIRE(text_of(static_cast<unsigned char>(200)) == "200");
    REQUIRE(text_of(std::numeric_limits<std::int64_t>::min()) == std::to_string(std::numeric_limits<std::int64_t>::min()));
    REQUIRE(text_of(std::numeric_limits<std::uint64_t>::max()) == std::to_string(std::numeric_limits<std::uint64_t>::max()));
    REQUIRE(text_of(4294967295U) == "4294967295");
}
