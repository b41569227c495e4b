#include "support/catch.hpp"

#include <multiprocessing/shared_memory/shareable_item.hpp>

#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

namespace mp = multiprocessing;
using mp::ShareableItem;

TEST_CASE("ShareableItem: what it is made from, and becomes") {
    REQUIRE(std::holds_alternative<std::string>(ShareableItem("howdy")));
    REQUIRE(std::holds_alternative<mp::bytes>(ShareableItem(mp::bytes("howdy"))));
    REQUIRE(std::holds_alternative<std::int64_t>(ShareableItem(42)));
    REQUIRE(std::holds_alternative<std::int64_t>(ShareableItem(42L)));
    REQUIRE(std::holds_alternative<std::int64_t>(ShareableItem(42LL)));
    REQUIRE(std::holds_alternative<std::int64_t>(ShareableItem(42u)));
    REQUIRE(std::holds_alternative<bool>(ShareableItem(true)));
    REQUIRE(std::holds_alternative<double>(ShareableItem(1.0)));
    REQUIRE(std::holds_alternative<double>(ShareableItem(1.0f)));
    REQUIRE(std::holds_alternative<mp::none_t>(ShareableItem(mp::none)));
    static_assert(!std::constructible_from<ShareableItem, std::uint64_t>); // may not fit
    static_assert(!std::constructible_from<ShareableItem, std::vector<int>>);
    static_assert(!std::constructible_from<ShareableItem, const int*>);
}

TEST_CASE("is_equal_in_python") {
    const auto equal = [](const ShareableItem& a, const ShareableItem& b) {
        REQUIRE(mp::is_equal_in_python(a, b) == mp::is_equal_in_python(b, a));
        return mp::is_equal_in_python(a, b);
    };
    REQUIRE(equal(1, true));
    REQUIRE(equal(1.0, true));
    REQUIRE(equal(1, 1.0));
    REQUIRE(equal(0, false));
    REQUIRE(equal(-0.0, 0));
    REQUIRE_FALSE(equal(2, true));
    REQUIRE_FALSE(equal(1, 1.5));
    REQUIRE_FALSE(equal("1", 1));
    REQUIRE_FALSE(equal("1", mp::bytes("1")));
    REQUIRE_FALSE(equal(mp::none, false));
    REQUIRE_FALSE(equal(mp::none, 0));
    REQUIRE(equal(mp::none, mp::none));
    REQUIRE(equal("é", "é"));
    REQUIRE(equal(mp::bytes("x"), mp::bytes("x")));
    const double nan = std::numeric_limits<double>::quiet_NaN();
    REQUIRE_FALSE(equal(nan, nan));
    REQUIRE_FALSE(equal(nan, 0));
    // Where a conversion to double would round:
    const std::int64_t large = (std::int64_t{1} << 53) + 1;
    REQUIRE_FALSE(equal(large, static_cast<double>(large)));
    REQUIRE(equal(large - 1, static_cast<double>(large - 1)));
    REQUIRE_FALSE(equal(std::numeric_limits<std::int64_t>::max(), 9223372036854775808.0));
    REQUIRE(equal(std::numeric_limits<std::int64_t>::min(), -9223372036854775808.0));
    REQUIRE_FALSE(equal(0, std::numeric_limits<double>::infinity()));
}

TEST_CASE("ShareableItem is printed as Python prints it") {
    const auto printed = [](const ShareableItem& item) {
        std::ostringstream out;
        mp::detail::print_item(out, item);
        return out.str();
    };
    using namespace std::string_literals;
    REQUIRE(printed(mp::none) == "None");
    REQUIRE(printed(true) == "True");
    REQUIRE(printed(false) == "False");
    REQUIRE(printed(-42) == "-42");
    REQUIRE(printed(1.0) == "1.0");
    REQUIRE(printed(-273.154) == "-273.154");
    REQUIRE(printed(1e22) == "1e+22");
    REQUIRE(printed(1e15) == "1000000000000000.0");
    REQUIRE(printed(0.0001) == "0.0001");
    REQUIRE(printed(1.5e-7) == "1.5e-07");
    REQUIRE(printed(0.0) == "0.0");
    REQUIRE(printed(-std::numeric_limits<double>::infinity()) == "-inf");
    REQUIRE(printed("it's") == "\"it's\"");
    REQUIRE(printed("it's \"so\"") == "'it\\'s \"so\"'");
    REQUIRE(printed("é\n\t\x01") == "'é\\n\\t\\x01'");
    REQUIRE(printed(mp::bytes("a\0\xff"s)) == "b'a\\x00\\xff'");
}
