#include "sharedctypes/slices_of_python.hpp"
#include "support/catch.hpp"
#include "support/crowd.hpp"
#include "support/printed.hpp"
#include "support/structs.hpp"

#include <multiprocessing/memory/heap.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <iterator>
#include <limits>
#include <mutex>
#include <numeric>
#include <optional>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace mp = multiprocessing;
using namespace support;
using namespace std::chrono_literals;
using namespace std::string_view_literals;

namespace {

using bound = std::optional<std::ptrdiff_t>;

constexpr std::ptrdiff_t smallest = std::numeric_limits<std::ptrdiff_t>::min();
constexpr std::ptrdiff_t largest = std::numeric_limits<std::ptrdiff_t>::max();

bound bound_of(int given) { return given == left_out ? bound() : given; }

} // namespace

TEST_CASE("SharedArray::SharedArray") {
    SECTION("of a length: zeros") {
        CHECK(mp::SharedArray<double>(3).slice() == std::vector<double>(3));
        for (int i = 0; i < 20; ++i) {
            const mp::SharedArray<Seven> zeros(100);
            REQUIRE(std::ranges::count(zeros.slice(), Seven{}) == 100);
            zeros.assign_slice({}, {}, std::vector<Seven>(100, numbered<Seven>(1)));
        }
    }
    SECTION("of a list; one number in braces is a list of one") {
        CHECK(mp::SharedArray<double>{1.0, 2.0}.slice() == std::vector{1.0, 2.0});
        CHECK(mp::SharedArray<int>{3}.slice() == std::vector{3});
    }
    SECTION("of a range, or another array") {
        CHECK(mp::SharedArray<double>(std::vector{1, 2}).slice() == std::vector{1.0, 2.0});
        CHECK(mp::SharedArray(std::vector{1.0, 2.0}).slice() == std::vector{1.0, 2.0});
        CHECK(mp::SharedArray<int>(mp::RawArray<int>{1, 2}).slice() == std::vector{1, 2});
        const mp::SharedArray<int> first{1, 2};
        const mp::SharedArray<int> second(first.slice());
        second[0] = 5;
        CHECK(first[0] == 1);
    }
    SECTION("of a text") {
        CHECK(mp::SharedArray<char>("hello").size() == 5);
        CHECK(mp::SharedArray<char>(std::string("hello")).value() == "hello");
        CHECK(mp::SharedArray("hello").value() == "hello");
    }
    SECTION("of no elements") {
        const mp::SharedArray<Whole> none(0);
        CHECK(none.empty());
        CHECK(none.begin() == none.end());
        CHECK(none.slice(smallest, largest, -1).empty());
        CHECK(none.synchronize().empty());
        none.assign_slice({}, {}, std::vector<Whole>());
        CHECK_THROWS_AS(none[0], std::out_of_range);
        CHECK_THROWS_AS(none[-1], std::out_of_range);
        const mp::SharedArray<char> no_text(0);
        no_text.value("");
        CHECK(no_text.value().empty());
        CHECK_THROWS_AS(no_text.value("x"), std::length_error);
    }
    SECTION("an integer that the type does not have is refused") {
        CHECK_THROWS_AS(mp::SharedArray<unsigned char>(std::vector{1, 256}), std::invalid_argument);
    }
}

TEST_CASE("SharedArray of a length that cannot be") {
    const mp::SharedArray<int> one(1); // so that there is an arena
    const auto arenas = mp::memory::heap::current().arena_count();
    CHECK_THROWS_AS(mp::SharedArray<int>(-1), std::invalid_argument);
    CHECK_THROWS_AS(mp::SharedArray<int>(smallest), std::invalid_argument);
    CHECK_THROWS_AS(mp::SharedArray<int>(std::int64_t{1} << 62), std::length_error);
    CHECK_THROWS_AS(mp::SharedArray<Whole>(largest), std::length_error);
    CHECK_THROWS_AS(mp::SharedArray<int>(std::numeric_limits<std::size_t>::max()), std::length_error);
    CHECK_THROWS_AS(mp::SharedArray<char>(std::int64_t{1} << 60), std::system_error);
    CHECK(mp::memory::heap::current().arena_count() == arenas);
    CHECK(one[0] == 0);
}

TEST_CASE("SharedArray::operator[]") {
    const mp::SharedArray<int> array{10, 11, 12};

    SECTION("reads and writes one element; negative indices count from the end") {
        const int last = array[-1];
        CHECK(last == 12);
        array[0] = 5;
        array[-2] = 6;
        CHECK(array.slice() == std::vector{5, 6, 12});
        CHECK(array.at(0) == 5);
        CHECK(array[0] < array[1]);
        CHECK(2 * array[2] == 24);
    }
    SECTION("an index outside throws, and changes nothing") {
        for (const std::ptrdiff_t outside : {std::ptrdiff_t{3}, std::ptrdiff_t{-4}, smallest, largest}) {
            CHECK_THROWS_AS(array[outside] = 1, std::out_of_range);
            CHECK_THROWS_AS(array.at(outside) += 1, std::out_of_range);
        }
        CHECK(array.slice() == std::vector{10, 11, 12});
    }
    SECTION("an element is assigned from another one, and computed with it") {
        array[0] = array[1];
        CHECK(array[0] == 11);
        array[0] += array[2];
        CHECK(array[0] == 23);
        auto element = array[0];
        element = array[2]; // writes: a reference is not redirected
        CHECK(array[0] == 12);
        const auto fixed = array[0];
        fixed = array[1];
        fixed = 9;
        CHECK(array[0] == 9);
    }
}

TEST_CASE("SharedArray: an element has every operation of a SharedValue") {
    const mp::SharedArray<int> array{0, 10};
    const auto n = array[1];
    CHECK((n += 5) == 15);
    CHECK((n -= 3) == 12);
    CHECK((n *= 3) == 36);
    CHECK((n /= 5) == 7);
    CHECK((n %= 4) == 3);
    CHECK((n <<= 4) == 48);
    CHECK((n >>= 3) == 6);
    CHECK((n |= 9) == 15);
    CHECK((n &= 12) == 12);
    CHECK((n ^= 5) == 9);
    CHECK(++n == 10);
    CHECK(n++ == 10);
    CHECK(--n == 10);
    CHECK(n-- == 10);
    CHECK(n.value() == 9);
    n.set(1);
    CHECK(n.exchange(2) == 1);
    int expected = 3;
    CHECK_FALSE(n.compare_exchange(expected, 4));
    CHECK(expected == 2);
    CHECK(n.compare_exchange(expected, 4));
    CHECK(n.update([](int& value) { return value++; }) == 4);
    CHECK(array.slice() == std::vector{0, 5});
    CHECK(printed(array[1]) == "5");
    CHECK(printed(mp::SharedArray<std::int8_t>{65}[0]) == "65");
}

TEST_CASE("SharedArray: update of an element") {
    const mp::SharedArray<Twelve> array(3);

    SECTION("an exception leaves the old value") {
        CHECK_THROWS_AS(array[1].update([](Twelve& t) {
            t.a = 9;
            throw std::runtime_error("no");
        }),
                        std::runtime_error);
        CHECK(array[1].value() == Twelve{});
        CHECK(free_for_others(array));
    }
    SECTION("to change the same element inside throws, by whatever way") {
        CHECK_THROWS_AS(array[1].update([&](Twelve&) { array[1] = numbered<Twelve>(1); }), std::logic_error);
        CHECK_THROWS_AS(array[1].update([&](Twelve&) { array[-2].update([](Twelve& t) { t.a = 9; }); }), std::logic_error);
        const auto assign_all = [&](std::ptrdiff_t step, std::size_t count) {
            array.assign_slice({}, {}, step, std::vector<Twelve>(count, numbered<Twelve>(1)));
        };
        CHECK_THROWS_AS(array[1].update([&](Twelve&) { assign_all(1, 3); }), std::logic_error);
        CHECK_THROWS_AS(array[2].update([&](Twelve&) { assign_all(-2, 2); }), std::logic_error);
        CHECK(array.slice() == std::vector<Twelve>(3));
    }
    SECTION("other elements may be changed inside") {
        array[1].update([&](Twelve& t) {
            t = numbered<Twelve>(1);
            array[0] = numbered<Twelve>(5);
            array[2].update([](Twelve& other) { other = numbered<Twelve>(6); });
            array.assign_slice({}, {}, 2, std::vector{numbered<Twelve>(7), numbered<Twelve>(8)});
            array.assign_slice({}, 1, std::vector{numbered<Twelve>(9)});
        });
        CHECK(array.slice() == std::vector{numbered<Twelve>(9), numbered<Twelve>(1), numbered<Twelve>(8)});
    }
    SECTION("a process killed inside leaves the old value, and the lock to be had") {
        auto child = mp::fork([&] {
            array[1].update([](Twelve& t) {
                t.a = 9;
                std::raise(SIGKILL);
            });
        });
        CHECK(end_of(child) == -SIGKILL);
        CHECK(array.try_lock_for(10s));
        CHECK(array[1].value() == Twelve{});
        CHECK(array.get_lock().owner_died());
        array.unlock();
    }
}

TEST_CASE("SharedArray is gone through element by element") {
    const mp::SharedArray<double> array{1, 2, 3};
    STATIC_REQUIRE(std::ranges::input_range<mp::SharedArray<double>>);
    CHECK(std::accumulate(array.begin(), array.end(), 0.0) == 6);
    CHECK(std::vector<double>(array.begin(), array.end()) == std::vector{1.0, 2.0, 3.0});
    CHECK(std::ranges::count(array, 2.0) == 1);
    CHECK(std::ranges::find(array, 9.0) == array.end());
    auto at = array.begin();
    CHECK(*at++ == 1);
    CHECK(*++at == 3);
    double sum = 0;
    for (const double each : array) {
        sum += each;
        CHECK(free_for_others(array)); // locked for each element only
    }
    CHECK(sum == 6);
}

TEST_CASE("SharedArray::slice is what CPython answers") {
    const mp::SharedArray<char> array("01234");
    for (const auto& row : slices_of_python) {
        for (std::size_t i = 0; i < std::size(row.slices); ++i) {
            const int stop = bounds_of_python[i];
            if (array.slice(bound_of(row.start), bound_of(stop), row.step) != row.slices[i]) {
                FAIL_CHECK(row.start << ':' << stop << ':' << row.step << " (99 is left out)");
            }
        }
    }
    CHECK(array.slice(largest, smallest, -1) == "43210");
    CHECK(array.slice({}, {}, smallest) == "4");
    CHECK_THROWS_AS(array.slice({}, {}, 0), std::invalid_argument);
}

TEST_CASE("SharedArray::assign_slice writes exactly where slice reads") {
    for (const auto& row : slices_of_python) {
        for (const int stop : bounds_of_python) {
            const bound from = bound_of(row.start);
            const bound to = bound_of(stop);
            const mp::SharedArray<int> words{0, 1, 2, 3, 4};
            const mp::SharedArray<Twelve> structs(5);
            std::vector<int> expected = words.slice();
            const std::vector<int> where = words.slice(from, to, row.step);
            std::vector<int> values(where.size());
            std::iota(values.begin(), values.end(), 10);
            for (std::size_t i = 0; i < where.size(); ++i) {
                expected[static_cast<std::size_t>(where[i])] = values[i];
            }
            words.assign_slice(from, to, row.step, values);
            std::vector<Twelve> made(values.size());
            std::ranges::transform(values, made.begin(), numbered<Twelve>);
            structs.assign_slice(from, to, row.step, made);
            REQUIRE(words.slice() == expected);
            for (int i = 0; i < 5; ++i) {
                const int there = expected[static_cast<std::size_t>(i)];
                REQUIRE(structs[i].value() == numbered<Twelve>(there < 10 ? 0 : there));
            }
        }
    }
}

TEST_CASE("SharedArray::assign_slice is all or nothing") {
    const mp::SharedArray<int> array{0, 1, 2, 3, 4};

    SECTION("a wrong length") {
        CHECK_THROWS_AS(array.assign_slice(0, 3, std::array{7, 8}), std::length_error);
        CHECK_THROWS_AS(array.assign_slice(0, 3, std::array{7, 8, 9, 10}), std::length_error);
        CHECK_THROWS_AS(array.assign_slice({}, {}, -2, std::array{7}), std::length_error);
        CHECK_THROWS_AS(array.assign_slice(4, 2, std::array{7}), std::length_error);
        CHECK_THROWS_AS(array.assign_slice({}, {}, 0, std::array{7}), std::invalid_argument);
    }
    SECTION("a range that throws half-way, which is read without the lock") {
        struct Fuse {
            const mp::SharedArray<int>* array;
            int number;
            operator int() const {
                if (number == 10) {
                    CHECK(free_for_others(*array));
                    throw std::runtime_error("half-way");
                }
                return number;
            }
        };
        const std::vector<Fuse> throwing{{&array, 7}, {&array, 8}, {&array, 9}, {&array, 10}, {&array, 11}};
        CHECK_THROWS_AS(array.assign_slice({}, {}, throwing), std::runtime_error);
        CHECK_THROWS_AS(array.assign_slice(0, 1, std::array{std::int64_t{1} << 40}), std::invalid_argument);
    }
    CHECK(array.slice() == std::vector{0, 1, 2, 3, 4});
    CHECK(free_for_others(array));
}

TEST_CASE("SharedArray::assign_slice takes what slice gives") {
    const mp::SharedArray<bool> bits{true, false, true};
    bits.assign_slice(1, 3, bits.slice(0, 2));
    CHECK(bits.slice() == std::vector{true, true, false});
    const mp::SharedArray<char> text("abcdef");
    text.assign_slice({}, {}, text.slice({}, {}, -1));
    text.assign_slice(0, 2, "xy");
    text.assign_slice(-2, {}, 1, "z\0"sv);
    CHECK(text.raw() == "xydcz\0"sv);
    CHECK_THROWS_AS(text.assign_slice(0, 2, "xyz"), std::length_error);
    CHECK(text.raw() == "xydcz\0"sv);
}

TEST_CASE("SharedArray<char>::value") {
    const mp::SharedArray<char> text(8);

    SECTION("is the text up to the first NUL") {
        CHECK(text.value().empty());
        text.value("hello");
        CHECK(text.value() == "hello");
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
    SECTION("empty") {
        text.value("abc");
        text.value("");
        CHECK(text.value().empty());
        CHECK(text.raw() == "\0bc\0\0\0\0\0"sv);
    }
}

TEST_CASE("SharedArray<char>::raw") {
    const mp::SharedArray<char> text("abcdef");
    text.raw("xy");
    CHECK(text.raw() == "xycdef");
    text.raw("");
    text.raw("1\0003"sv);
    CHECK(text.raw() == "1\0003def"sv);
    CHECK_THROWS_AS(text.raw("1234567"), std::length_error);
    CHECK(text.raw() == "1\0003def"sv);
}

TEMPLATE_TEST_CASE("SharedArray of other characters has value and raw too", "", wchar_t, char8_t, char16_t, char32_t) {
    const mp::SharedArray<TestType> text(4);
    const std::basic_string<TestType> abc{'a', 'b', 'c'};
    const std::basic_string<TestType> five(5, 'x');
    text.value(abc);
    CHECK((text.value() == abc));
    CHECK(text.raw().size() == 4);
    CHECK_THROWS_AS(text.value(five), std::length_error);
    text.raw(abc.substr(2));
    CHECK((text.slice(0, 2) == std::basic_string<TestType>{'c', 'b'}));
    CHECK((text[0] == static_cast<TestType>('c')));
}

TEST_CASE("SharedArray is printed as a list, of char as text") {
    CHECK(printed(mp::SharedArray<int>{1, -2}) == "[1, -2]");
    CHECK(printed(mp::SharedArray<int>(0)) == "[]");
    CHECK(printed(mp::SharedArray<std::int8_t>{65, -1}) == "[65, -1]");
    CHECK(printed(mp::SharedArray<char>("ab\0c"sv)) == "ab");
}

TEMPLATE_TEST_CASE("SharedArray of structs", "", Seven, Pair, Initialised, Twelve, Whole, Overaligned) {
    const mp::SharedArray<TestType> array(5);
    for (int i = 0; i < 5; ++i) {
        array[i] = numbered<TestType>(i);
        REQUIRE(is_aligned(&array.get_obj().at(i)));
    }
    for (int i = 0; i < 5; ++i) {
        REQUIRE(array[i].value() == numbered<TestType>(i));
    }
    array[1].update([](TestType& all) { all = numbered<TestType>(9); });
    array.assign_slice({}, {}, 4, std::vector{numbered<TestType>(7), numbered<TestType>(8)});
    array.assign_slice(2, 4, array.slice(0, 2));
    CHECK(array.slice() == std::vector{numbered<TestType>(7), numbered<TestType>(9), numbered<TestType>(7), numbered<TestType>(9),
                                       numbered<TestType>(8)});
    CHECK(array[-1].exchange(numbered<TestType>(1)) == numbered<TestType>(8));
}

TEST_CASE("SharedArray of any length is aligned, and none overlaps another") {
    std::vector<mp::SharedArray<Twelve>> arrays;
    for (int length = 1; length < 200; ++length) {
        arrays.emplace_back(length);
        REQUIRE(is_aligned(arrays.back().get_obj().data()));
        arrays.back().assign_slice({}, {}, std::vector<Twelve>(static_cast<std::size_t>(length), numbered<Twelve>(length)));
    }
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        REQUIRE(arrays[i].slice() == std::vector<Twelve>(i + 1, numbered<Twelve>(static_cast<int>(i + 1))));
    }
}

TEST_CASE("SharedArray is a handle") {
    mp::SharedArray<int> array{1, 2, 3};
    const mp::SharedArray<int> same(array);
    const mp::SharedArray also(array);
    same[0] = 7;
    CHECK(also[0] == 7);
    array = mp::SharedArray<int>{9};
    CHECK(array.size() == 1);
    CHECK(same.size() == 3);

    std::vector<mp::SharedArray<int>> all;
    for (const int n : {3, 1, 2}) {
        all.emplace_back(n);
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
    all.erase(all.begin());
    CHECK(all[0].slice() == std::vector{0, 0});
    STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<mp::SharedArray<int>>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<mp::SharedArray<int>>);
    STATIC_REQUIRE(std::is_nothrow_move_assignable_v<mp::SharedArray<int>>);
}

TEST_CASE("SharedArray is Lockable") {
    const mp::SharedArray<int> a(1);
    const mp::SharedArray<Whole> b(1);
    {
        const std::scoped_lock both(a, b);
        a[0] += 1; // recursive
        CHECK_FALSE(free_for_others(a));
        CHECK_FALSE(free_for_others(b));
    }
    CHECK(a.acquire());
    CHECK_FALSE(free_for_others(a));
    a.release();
    CHECK(free_for_others(a));
    CHECK_THROWS_AS(a.release(), std::system_error);
    const std::scoped_lock guard(a.get_lock());
    a.get_obj()[0] += 1;
    CHECK(a[0] == 2);
}

TEST_CASE("SharedArray: an element loses no update of 8 processes") {
    constexpr int times = 50'000;

    SECTION("+= on a double") {
        const mp::SharedArray<double> array(3);
        CHECK(side_by_side(8, [&](int) {
            repeat(times, [&] {
                array[1] += 0.5;
            });
        }));
        CHECK(array.slice() == std::vector{0.0, 8 * times * 0.5, 0.0});
    }
    SECTION("update of a struct") {
        const mp::SharedArray<Twelve> array(3);
        CHECK(side_by_side(8, [&](int) {
            repeat(times, [&] {
                array[1].update([](Twelve& t) {
                    ++t.a;
                    t.b += 2;
                    --t.c;
                });
            });
        }));
        CHECK(array.slice() == std::vector{Twelve{}, Twelve{8 * times, 16 * times, -8 * times}, Twelve{}});
    }
    SECTION("neighbours: each process has its own element") {
        const mp::SharedArray<Seven> array(8);
        CHECK(side_by_side(8, [&](int mine) {
            repeat(times / 10, [&] {
                array[mine].update([](Seven& s) { ++s.bytes[static_cast<std::size_t>(s.bytes[6]++ % 6)]; });
            });
        }));
        CHECK(std::ranges::count(array.slice(), array[0].value()) == 8);
    }
    SECTION("synchronize") {
        const mp::SharedArray<int> array(16);
        CHECK(side_by_side(8, [&](int) {
            repeat(times / 50, [&] {
                auto elements = array.synchronize();
                for (int& each : elements) {
                    ++each;
                }
            });
        }));
        CHECK(array.slice() == std::vector<int>(16, 8 * times / 50));
    }
}

TEST_CASE("SharedArray: a 64-byte element is never seen half-written, while 4 processes set it") {
    const mp::SharedArray<Whole> array(3);
    const sight seen = look_while_written(
        4, [&](std::int64_t n) { array[1] = Whole{n, {}, n}; },
        [&] {
            const Whole now = array[1];
            return now.x == now.y ? std::optional(now.x) : std::nullopt;
        });
    CHECK(seen.torn == 0);
    CHECK(seen.changes >= 1'000);
    CHECK(seen.writers_ended_well);
}

TEST_CASE("elements that are larger than the stack") {
    struct Huge {
        std::array<char, 16 << 20> bytes;
    };
    std::vector<Huge> given(2);
    given[1].bytes.back() = 'x';

    const mp::SharedArray<Huge> array(2);
    array.assign_slice({}, {}, given);
    CHECK(array.get_obj()[1].bytes.back() == 'x');
    array[0].update([](Huge& one) { one.bytes.front() = 'y'; });
    CHECK(array.get_obj()[0].bytes.front() == 'y');
    CHECK(array.slice(1)[0].bytes.back() == 'x');

    const mp::RawArray<Huge> raw(given);
    raw.assign_slice(0, 1, std::span(given).last(1));
    CHECK(raw[0].bytes.back() == 'x');
}

TEST_CASE("SharedArray::assign_slice of a whole array is seen whole, while 4 processes do it") {
    const mp::SharedArray<std::int64_t> array(8);
    const sight seen = look_while_written(
        4, [&](std::int64_t n) { array.assign_slice({}, {}, std::vector<std::int64_t>(8, n)); },
        [&] {
            const auto now = array.slice();
            return std::ranges::count(now, now[0]) == 8 ? std::optional(now[0]) : std::nullopt;
        });
    CHECK(seen.torn == 0);
    CHECK(seen.changes >= 1'000);
    CHECK(seen.writers_ended_well);
}
