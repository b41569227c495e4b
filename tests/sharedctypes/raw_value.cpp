#include "support/catch.hpp"
#include "support/crowd.hpp"
#include "support/printed.hpp"
#include "support/structs.hpp"

#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <complex>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace mp = multiprocessing;
using namespace support;

namespace {

struct Point {
    double x = 3;
    double y = 4;
};

} // namespace

TEST_CASE("RawValue::RawValue") {
    SECTION("without arguments it is value-initialised") {
        CHECK(mp::RawValue<int>().value() == 0);
        CHECK(mp::RawValue<double>().value() == 0);
        CHECK(mp::RawValue<Point>().value().x == 3);
        CHECK(mp::RawValue<Twelve>().value() == Twelve{});
    }
    SECTION("memory that was used before is zero again") {
        for (int i = 0; i < 100; ++i) {
            mp::RawValue<Whole> fresh;
            REQUIRE(fresh.value() == Whole{});
            fresh.value() = numbered<Whole>(7);
        }
    }
    SECTION("of a number, of the same kind or another") {
        CHECK(*mp::RawValue<int>(7) == 7);
        CHECK(*mp::RawValue<int>{7} == 7);
        CHECK(*mp::RawValue<double>(7) == 7.0);
        CHECK(*mp::RawValue<float>(0.5) == 0.5F);
        CHECK(*mp::RawValue<std::int8_t>(-128) == -128);
        CHECK(*mp::RawValue<unsigned>(7L) == 7U);
        CHECK(*mp::RawValue<bool>(true));
        CHECK(*mp::RawValue<char>('c') == 'c');
        const int seven = 7;
        CHECK(*mp::RawValue<int>(seven) == 7);
        CHECK(*mp::RawValue(seven) == 7);
    }
    SECTION("an integer that the type does not have is refused, where Python cuts it off") {
        CHECK_THROWS_AS(mp::RawValue<int>(std::int64_t{1} << 31), std::invalid_argument);
        CHECK_THROWS_AS(mp::RawValue<unsigned char>(300), std::invalid_argument);
        CHECK_THROWS_AS(mp::RawValue<unsigned short>(-1), std::invalid_argument);
        CHECK_THROWS_AS(mp::RawValue<std::int8_t>(200U), std::invalid_argument);
        CHECK_THROWS_AS(mp::RawValue<int>(std::numeric_limits<std::uint64_t>::max()), std::invalid_argument);
    }
    SECTION("of the members of an aggregate, or a copy of one") {
        CHECK(mp::RawValue<Point>(1.0, 2.0)->y == 2);
        CHECK(mp::RawValue<Point>(1.0)->y == 4);
        CHECK(mp::RawValue<Point>(Point{1, 2})->x == 1);
        CHECK((*mp::RawValue<std::array<int, 2>>(1, 2))[1] == 2);
    }
    SECTION("of constructor arguments") {
        CHECK(*mp::RawValue<std::complex<double>>(1.0, 2.0) == std::complex<double>(1, 2));
        CHECK(mp::RawValue<std::atomic<int>>(5)->load() == 5);
        CHECK(mp::RawValue<std::atomic<int>>()->load() == 0);
    }
}

TEST_CASE("RawValue::value") {
    SECTION("is the object itself, as are * and ->") {
        mp::RawValue<Point> point(1.0, 2.0);
        point.value().x += 1;
        (*point).y = 5;
        CHECK(point->x == 2);
        CHECK(&point.value() == &*point);
        CHECK(&point.value() == point.operator->());
    }
    SECTION("a const handle gives access as a T* const does") {
        const mp::RawValue<int> number(1);
        number.value() = 2;
        ++*number;
        CHECK(*number == 3);
    }
}

TEST_CASE("RawValue is a handle") {
    mp::RawValue<int> number(1);

    SECTION("a copy refers to the same object, which lives as long as any of them") {
        std::vector<mp::RawValue<int>> copies(3, number);
        const auto* const place = &number.value();
        number = mp::RawValue<int>(2); // a new object for this handle
        ++*copies[0];
        CHECK(&copies[2].value() == place);
        CHECK(*copies[2] == 2);
        CHECK(&number.value() != place);
    }
    SECTION("a move takes the object along") {
        const auto* const place = &number.value();
        mp::RawValue<int> taken(std::move(number));
        CHECK(&taken.value() == place);
        number = std::move(taken);
        CHECK(&number.value() == place);
    }
    SECTION("a vector of them can be sorted and erased from") {
        std::vector<mp::RawValue<int>> all;
        for (const int n : {3, 1, 2}) {
            all.emplace_back(n);
        }
        std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return *a < *b; });
        all.erase(all.begin());
        REQUIRE(all.size() == 2);
        CHECK(*all[0] == 2);
        CHECK(*all[1] == 3);
    }
    STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<mp::RawValue<int>>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<mp::RawValue<int>>);
    STATIC_REQUIRE(std::is_nothrow_move_assignable_v<mp::RawValue<int>>);
    STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<mp::RawValue<int>>);
}

TEST_CASE("RawValue<T> is aligned for T, and a word to its size") {
    for (int i = 0; i < 50; ++i) {
        REQUIRE(is_aligned(&mp::RawValue<long double>().value()));
        REQUIRE(is_aligned(&mp::RawValue<Overaligned>().value()));
        struct alignas(4096) Page {
            int number;
        };
        REQUIRE(is_aligned(&mp::RawValue<Page>().value()));
        REQUIRE(reinterpret_cast<std::uintptr_t>(&mp::RawValue<Pair>().value()) % sizeof(Pair) == 0);
    }
}

TEST_CASE("RawValue is printed as what it holds, bytes as numbers") {
    CHECK(printed(mp::RawValue<int>(-7)) == "-7");
    CHECK(printed(mp::RawValue<double>(0.5)) == "0.5");
    CHECK(printed(mp::RawValue<std::int8_t>(65)) == "65");
    CHECK(printed(mp::RawValue<std::uint8_t>(255)) == "255");
    CHECK(printed(mp::RawValue<char>('A')) == "A");
    CHECK(printed(mp::RawValue<std::atomic<int>>(7)) == "7");
}

TEST_CASE("RawValue is seen by a child, and what the child writes by the parent") {
    const mp::RawValue<Point> point(1.0, 2.0);
    CHECK(side_by_side(1, [&](int) { point->x = point->y + 1; }));
    CHECK(point->x == 3);
}

TEST_CASE("RawValue<std::atomic<T>> loses no update of 8 processes") {
    const mp::RawValue<std::atomic<long>> hits;
    CHECK(side_by_side(8, [&](int) {
        repeat(50'000, [&] {
            hits.value().fetch_add(1, std::memory_order_relaxed);
        });
    }));
    CHECK(*hits == 400'000);
}

namespace {

/// One who puts in and one who takes out, without a lock.
struct Ring {
    alignas(64) std::atomic<unsigned> head;
    alignas(64) std::atomic<unsigned> tail;
    int places[16];

    void put(int number) {
        const unsigned at = tail.load(std::memory_order_relaxed);
        while (at - head.load(std::memory_order_acquire) == std::size(places)) {
            std::this_thread::yield();
        }
        places[at % std::size(places)] = number;
        tail.store(at + 1, std::memory_order_release);
    }
    int take() {
        const unsigned at = head.load(std::memory_order_relaxed);
        while (tail.load(std::memory_order_acquire) == at) {
            std::this_thread::yield();
        }
        const int number = places[at % std::size(places)];
        head.store(at + 1, std::memory_order_release);
        return number;
    }
};

} // namespace

TEST_CASE("RawValue of a struct with atomics: a ring of one's own between two processes") {
    const mp::RawValue<Ring> ring;
    CHECK(side_by_side(2, [&](int process) {
        for (int number = 0; number < 10'000; ++number) {
            if (process == 0) {
                ring->put(number);
            } else if (ring->take() != number) {
                std::exit(1);
            }
        }
    }));
    CHECK(ring->head == 10'000);

    const mp::RawValue<std::pair<int, std::atomic<long>>> pair(1, 2);
    CHECK((pair->first == 1 && pair->second == 2));
    const mp::RawArray<std::tuple<int, double>> tuples{{1, 0.5}, {2, 1.5}};
    std::get<1>(tuples[1]) = 2.5;
    CHECK(tuples[1] == std::tuple(2, 2.5));
    const mp::RawArray<Ring> rings(2);
    CHECK(rings[1].tail == 0);
}
