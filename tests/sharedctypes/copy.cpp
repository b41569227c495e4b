#include "support/catch.hpp"
#include "support/structs.hpp"

#include <multiprocessing/sharedctypes/copy.hpp>

#include <algorithm>
#include <type_traits>

namespace mp = multiprocessing;
using namespace support;

TEST_CASE("copy") {
    SECTION("of a value is a new object with the same contents") {
        const mp::RawValue<int> number(5);
        const auto twin = mp::copy(number);
        STATIC_REQUIRE(std::is_same_v<decltype(twin), const mp::RawValue<int>>);
        *number = 6;
        CHECK(*twin == 5);
        CHECK(*mp::copy(mp::RawValue<Whole>(numbered<Whole>(3))) == numbered<Whole>(3));
        CHECK(mp::copy(mp::RawValue<Overaligned>(4))->number == 4);
    }
    SECTION("of an array") {
        const mp::RawArray<Seven> array{numbered<Seven>(1), numbered<Seven>(2)};
        const auto twin = mp::copy(array);
        STATIC_REQUIRE(std::is_same_v<decltype(twin), const mp::RawArray<Seven>>);
        CHECK(std::ranges::equal(twin, array));
        array[0] = numbered<Seven>(9);
        CHECK(twin[0] == numbered<Seven>(1));
        CHECK(mp::copy(mp::RawArray<int>(0)).empty());
        CHECK(mp::copy(mp::RawArray<bool>{true, false})[0]);
    }
    SECTION("of a text: every character") {
        const mp::RawArray<char> text(5);
        text.value("ab");
        text[4] = 'x';
        CHECK(mp::copy(text).raw() == text.raw());
        CHECK(mp::copy(text).size() == 5);
    }
    SECTION("of the object in a Shared one") {
        const mp::SharedValue<int> shared(5);
        CHECK(*mp::copy(shared.get_obj()) == 5);
        const mp::SharedArray<int> array{1, 2};
        CHECK(std::ranges::equal(mp::copy(array.get_obj()), array));
    }
}
