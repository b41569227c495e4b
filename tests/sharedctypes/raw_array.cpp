#include "sharedctypes/slices_of_python.hpp"
#include "support/catch.hpp"
#include "support/crowd.hpp"
#include "support/printed.hpp"
#include "support/structs.hpp"

#include <multiprocessing/memory/heap.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <list>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace mp = multiprocessing;
using namespace support;
using namespace std::string_view_literals;

namespace {

using bound = std::optional<std::ptrdiff_t>;

constexpr std::ptrdiff_t smallest = std::numeric_limits<std::ptrdiff_t>::min();
constexpr std::ptrdiff_t largest = std::numeric_limits<std::ptrdiff_t>::max();

template <class T>
std::vector<T> all_of(const mp::RawArray<T>& array) {
    return std::vector<T>(array.begin(), array.end());
}

bound bound_of(int given) { return given == left_out ? bound() : given; }

/// Python's language reference, "Slicings", for an array of 0, 1, 2 ...: one step after the other, without any division.
std::vector<int> slice_by_definition(int length, int start, int stop, int step) {
    const auto from_front = [&](int index) { return index < 0 ? index + length : index; };
    int at = step > 0 ? 0 : length - 1;
    if (start != left_out) {
        at = step > 0 ? std::max(from_front(start), 0) : std::min(from_front(start), length - 1);
    }
    std::vector<int> elements;
    for (; at >= 0 && at < length; at += step) {
        if (stop != left_out && (step > 0 ? at >= from_front(stop) : at <= from_front(stop))) {
            break;
        }
        elements.push_back(at);
    }
    return elements;
}

constexpr int blows = 10;

struct Fuse {
    int number;
    operator int() const { return number != blows ? number : throw std::runtime_error("half-way"); }
};

mp::RawArray<int> counting(int length) {
    mp::RawArray<int> array(length);
    std::iota(array.begin(), array.end(), 0);
    return array;
}

} // namespace

TEST_CASE("RawArray::RawArray") {
    SECTION("of a length: zeros, also in memory that was used before") {
        for (int i = 0; i < 20; ++i) {
            const mp::RawArray<int> zeros(100);
            REQUIRE(std::ranges::count(zeros, 0) == 100);
            std::ranges::fill(zeros, 1);
        }
    }
    SECTION("of a length: defaults of a type that has its own") {
        struct Three {
            int number = 3;
        };
        const mp::RawArray<Three> threes(4);
        CHECK(std::ranges::count(threes, 3, &Three::number) == 4);
    }
    SECTION("of a list; one number in braces is a list of one") {
        CHECK(all_of(mp::RawArray<double>{1.0, 2.0}) == std::vector{1.0, 2.0});
        CHECK(all_of(mp::RawArray<int>{3}) == std::vector{3});
        CHECK(mp::RawArray<int>(3).size() == 3);
    }
    SECTION("of a range, whose elements may be of another kind") {
        CHECK(all_of(mp::RawArray<double>(std::vector{1.0, 2.0})) == std::vector{1.0, 2.0});
        CHECK(all_of(mp::RawArray<double>(std::list{1, 2})) == std::vector{1.0, 2.0});
        CHECK(all_of(mp::RawArray<int>(std::array<short, 2>{1, 2})) == std::vector{1, 2});
        CHECK(all_of(mp::RawArray<int>(mp::RawArray<short>{1, 2})) == std::vector{1, 2});
        CHECK(all_of(mp::RawArray<bool>(std::vector{true, false})) == std::vector{true, false});
        CHECK(all_of(mp::RawArray(std::vector{1.0, 2.0})) == std::vector{1.0, 2.0});
        CHECK(all_of(mp::RawArray{1, 2}) == std::vector{1, 2});
    }
    SECTION("of no elements") {
        const mp::RawArray<int> none(0);
        CHECK(none.empty());
        CHECK(none.begin() == none.end());
        CHECK(none.slice().empty());
        CHECK_THROWS_AS(none.at(0), std::out_of_range);
        CHECK_THROWS_AS(none.at(-1), std::out_of_range);
        CHECK(mp::RawArray<double>(std::vector<double>()).empty());
        CHECK(mp::RawArray<char>("").empty());
    }
    SECTION("of a text, without a NUL") {
        CHECK(mp::RawArray<char>("hello").size() == 5);
        CHECK(mp::RawArray<char>(std::string("hello")).size() == 5);
        CHECK(mp::RawArray<wchar_t>(L"hello").size() == 5);
        CHECK(mp::RawArray("hello").size() == 5);
    }
    SECTION("an integer that the type does not have is refused") {
        CHECK_THROWS_AS(mp::RawArray<unsigned char>(std::vector{1, 256}), std::invalid_argument);
        CHECK_THROWS_AS(mp::RawArray<int>(std::vector{std::int64_t{1} << 31}), std::invalid_argument);
    }
}

TEST_CASE("RawArray of a length that cannot be") {
    const mp::RawArray<int> one(1); // so that there is an arena
    const auto arenas = mp::memory::heap::current().arena_count();
    CHECK_THROWS_AS(mp::RawArray<int>(-1), std::invalid_argument);
    CHECK_THROWS_AS(mp::RawArray<int>(std::numeric_limits<long long>::min()), std::invalid_argument);
    CHECK_THROWS_AS(mp::RawArray<int>(std::int64_t{1} << 62), std::length_error);
    CHECK_THROWS_AS(mp::RawArray<int>(std::numeric_limits<std::size_t>::max()), std::length_error);
    CHECK_THROWS_AS(mp::RawArray<char>(std::int64_t{1} << 61), std::system_error);
    CHECK(mp::memory::heap::current().arena_count() == arenas);
}

TEST_CASE("RawArray is a contiguous sized range") {
    STATIC_REQUIRE(std::ranges::contiguous_range<mp::RawArray<double>>);
    STATIC_REQUIRE(std::ranges::sized_range<mp::RawArray<double>>);
    const mp::RawArray<double> array{1, 2, 3};
    const std::span<double> view = array;
    view[1] = 5;
    array[2] = 7;
    CHECK(view.data() == array.data());
    CHECK(all_of(array) == std::vector{1.0, 5.0, 7.0});
    CHECK(std::accumulate(array.begin(), array.end(), 0.0) == 13);
}

TEST_CASE("RawArray::at") {
    const mp::RawArray<int> array{10, 11, 12};
    CHECK(array.at(2) == 12);
    CHECK(array.at(-1) == 12);
    CHECK(array.at(-3) == 10);
    array.at(-2) = 5;
    CHECK(array[1] == 5);
    for (const std::ptrdiff_t outside : {std::ptrdiff_t{3}, std::ptrdiff_t{-4}, smallest, largest}) {
        CHECK_THROWS_AS(array.at(outside), std::out_of_range);
    }
}

TEST_CASE("RawArray is a handle") {
    mp::RawArray<int> array{1, 2, 3};
    mp::RawArray<int> same(array);
    same[0] = 7;
    CHECK(array[0] == 7);
    array = mp::RawArray<int>{9};
    CHECK(array.size() == 1);
    CHECK(same.size() == 3);
    array = std::move(same);
    CHECK(array[0] == 7);
    STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<mp::RawArray<int>>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<mp::RawArray<int>>);
}

TEST_CASE("RawArray::slice is Python's, for every start, stop and step around small arrays") {
    for (int length = 0; length <= 5; ++length) {
        const auto array = counting(length);
        for (const int start : bounds_of_python) {
            for (const int stop : bounds_of_python) {
                for (int step = -7; step <= 7; ++step) {
                    if (step != 0 &&
                        array.slice(bound_of(start), bound_of(stop), step) != slice_by_definition(length, start, stop, step)) {
                        FAIL_CHECK(length << " elements, " << start << ':' << stop << ':' << step << " (99 is left out)");
                    }
                }
            }
        }
    }
}

TEST_CASE("RawArray::slice is what CPython answers") {
    const mp::RawArray<char> array("01234");
    for (const auto& row : slices_of_python) {
        for (std::size_t i = 0; i < std::size(row.slices); ++i) {
            const int stop = bounds_of_python[i];
            if (array.slice(bound_of(row.start), bound_of(stop), row.step) != row.slices[i]) {
                FAIL_CHECK(row.start << ':' << stop << ':' << row.step << " (99 is left out)");
            }
        }
    }
}

TEST_CASE("RawArray::slice with the largest and smallest numbers there are") {
    const auto array = counting(5);
    CHECK(array.slice(smallest, largest) == std::vector{0, 1, 2, 3, 4});
    CHECK(array.slice(largest, smallest).empty());
    CHECK(array.slice(largest, smallest, -1) == std::vector{4, 3, 2, 1, 0});
    CHECK(array.slice(smallest, largest, -1).empty());
    CHECK(array.slice({}, {}, largest) == std::vector{0});
    CHECK(array.slice({}, {}, smallest) == std::vector{4});
    CHECK(array.slice(1, largest, largest) == std::vector{1});
    CHECK(array.slice(-2, smallest, smallest) == std::vector{3});
    CHECK(array.slice(largest, smallest, smallest) == std::vector{4});
    CHECK(counting(0).slice(smallest, largest, smallest).empty());
}

TEST_CASE("RawArray::slice of step 0") {
    CHECK_THROWS_AS(counting(3).slice({}, {}, 0), std::invalid_argument);
    CHECK_THROWS_AS(counting(3).assign_slice({}, {}, 0, std::vector<int>()), std::invalid_argument);
}

TEST_CASE("RawArray::slice of bools is a vector of them") {
    const mp::RawArray<bool> bits{true, false, true};
    const std::vector<bool> taken = bits.slice(0, 2);
    CHECK(taken == std::vector{true, false});
    bits.assign_slice(1, 3, taken);
    CHECK(all_of(bits) == std::vector{true, true, false});
}

TEST_CASE("RawArray::assign_slice") {
    const auto array = counting(5);

    SECTION("writes where slice reads") {
        array.assign_slice(0, 3, std::array{7, 8, 9});
        CHECK(all_of(array) == std::vector{7, 8, 9, 3, 4});
        array.assign_slice({}, {}, -2, std::vector{1, 2, 3});
        CHECK(all_of(array) == std::vector{3, 8, 2, 3, 1});
        array.assign_slice(2, 2, std::vector<int>());
        CHECK(all_of(array) == std::vector{3, 8, 2, 3, 1});
    }
    SECTION("from itself") {
        array.assign_slice(1, 5, array.slice(0, 4));
        CHECK(all_of(array) == std::vector{0, 0, 1, 2, 3});
        array.assign_slice({}, {}, -1, std::span(array.data(), 5));
        CHECK(all_of(array) == std::vector{3, 2, 1, 0, 0});
    }
    SECTION("of a wrong length changes nothing") {
        CHECK_THROWS_AS(array.assign_slice(0, 3, std::array{7, 8}), std::length_error);
        CHECK_THROWS_AS(array.assign_slice(0, 3, std::array{7, 8, 9, 10}), std::length_error);
        CHECK_THROWS_AS(array.assign_slice({}, {}, 2, std::array{7}), std::length_error);
        CHECK_THROWS_AS(array.assign_slice(4, 2, std::array{7}), std::length_error);
        CHECK(all_of(array) == std::vector{0, 1, 2, 3, 4});
    }
    SECTION("from a range that throws half-way changes nothing") {
        const std::vector<Fuse> throwing{{7}, {8}, {9}, {blows}, {11}};
        CHECK_THROWS_AS(array.assign_slice({}, {}, throwing), std::runtime_error);
        CHECK_THROWS_AS(array.assign_slice({}, {}, std::array{1LL, 2LL, 3LL, 4LL, 1LL << 40}), std::invalid_argument);
        CHECK(all_of(array) == std::vector{0, 1, 2, 3, 4});
    }
}

TEST_CASE("RawArray<char>::value") {
    const mp::RawArray<char> text(8);

    SECTION("is the text up to the first NUL") {
        CHECK(text.value().empty());
        text.value("hello");
        CHECK(text.value() == "hello");
        CHECK(mp::RawArray<char>("hello").value() == "hello");
    }
    SECTION("writes one NUL and keeps what is behind") {
        text.value("abcdefgh");
        text.value("hi");
        CHECK(text.value() == "hi");
        CHECK(text.raw() == "hi\0defgh"sv);
    }
    SECTION("fills the array exactly, without a NUL") {
        text.value("12345678");
        CHECK(text.value() == "12345678");
        CHECK(text.raw() == "12345678");
    }
    SECTION("too long is refused and changes nothing") {
        text.value("before");
        CHECK_THROWS_AS(text.value("123456789"), std::length_error);
        CHECK(text.value() == "before");
    }
    SECTION("an embedded NUL is written, and ends it when read") {
        text.value("ab\0cd"sv);
        CHECK(text.value() == "ab");
        CHECK(text.raw() == "ab\0cd\0\0\0"sv);
    }
    SECTION("of itself") {
        text.value("abcdef");
        text.value(std::string_view(text.data() + 2, 4));
        CHECK(text.raw() == "cdef\0f\0\0"sv);
    }
}

TEST_CASE("RawArray<char>::raw") {
    const mp::RawArray<char> text("abcdef");
    text.raw("xy");
    CHECK(text.raw() == "xycdef");
    text.raw("1\0003"sv);
    CHECK(text.raw() == "1\0003def"sv);
    CHECK_THROWS_AS(text.raw("1234567"), std::length_error);
    CHECK(text.raw() == "1\0003def"sv);
    text.raw("654321");
    CHECK(text.raw() == "654321");
}

TEST_CASE("RawArray<char>::slice is a string, and can be assigned from text") {
    const mp::RawArray<char> text("abcdef");
    CHECK(text.slice({}, {}, -1) == "fedcba");
    text.assign_slice(0, 3, "xyz");
    text.assign_slice(-1, {}, text.slice(0, 1));
    CHECK(text.raw() == "xyzdex");
    text.assign_slice({}, {}, 2, std::string("123"));
    CHECK(text.raw() == "1y2d3x");
    CHECK_THROWS_AS(text.assign_slice(0, 3, "four"), std::length_error);
    CHECK(text.raw() == "1y2d3x");
}

TEMPLATE_TEST_CASE("RawArray of other characters has value and raw too", "", wchar_t, char8_t, char16_t, char32_t) {
    const mp::RawArray<TestType> text(4);
    const std::basic_string<TestType> abc{'a', 'b', 'c'};
    const std::basic_string<TestType> five(5, 'x');
    text.value(abc);
    CHECK((text.value() == abc));
    CHECK(text.raw().size() == 4);
    CHECK_THROWS_AS(text.value(five), std::length_error);
    text.raw(abc.substr(2));
    CHECK((text.slice(0, 2) == std::basic_string<TestType>{'c', 'b'}));
}

TEST_CASE("RawArray is printed as a list, of char as text") {
    CHECK(printed(mp::RawArray<int>{1, -2}) == "[1, -2]");
    CHECK(printed(mp::RawArray<int>(0)) == "[]");
    CHECK(printed(mp::RawArray<std::int8_t>{65, -1}) == "[65, -1]");
    CHECK(printed(mp::RawArray<unsigned char>{65}) == "[65]");
    CHECK(printed(mp::RawArray<double>{0.5}) == "[0.5]");
    CHECK(printed(mp::RawArray<char>("ab\0c"sv)) == "ab");
}

TEMPLATE_TEST_CASE("RawArray of structs", "", Seven, Pair, Initialised, Twelve, Whole, Overaligned) {
    const mp::RawArray<TestType> array(5);
    CHECK(std::ranges::count(array, TestType{}) == 5);
    for (int i = 0; i < 5; ++i) {
        array[static_cast<std::size_t>(i)] = numbered<TestType>(i);
        REQUIRE(is_aligned(&array.at(i)));
    }
    array.assign_slice(0, 3, array.slice(2, 5));
    CHECK(array.at(0) == numbered<TestType>(2));
    CHECK(array.at(2) == numbered<TestType>(4));
    CHECK(array.at(4) == numbered<TestType>(4));
}

TEST_CASE("RawArray of any length is aligned") {
    std::vector<mp::RawArray<long double>> kept;
    std::vector<mp::RawArray<Overaligned>> overaligned;
    for (int length = 0; length < 64; ++length) {
        kept.emplace_back(length);
        overaligned.emplace_back(length);
        REQUIRE(is_aligned(kept.back().data()));
        REQUIRE(is_aligned(overaligned.back().data()));
        REQUIRE(reinterpret_cast<std::uintptr_t>(mp::RawArray<char>(length).data()) % 16 == 0);
    }
}

TEST_CASE("RawArray is seen by a child, and what the child writes by the parent") {
    const mp::RawArray<int> array(4);
    CHECK(side_by_side(4, [&](int i) { array.at(i) = i + 1; }));
    CHECK(all_of(array) == std::vector{1, 2, 3, 4});
}
