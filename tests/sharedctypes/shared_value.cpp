#include "support/catch.hpp"
#include "support/crowd.hpp"
#include "support/printed.hpp"
#include "support/structs.hpp"

#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <algorithm>
#include <array>
#include <complex>
#include <csignal>
#include <cstddef>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace mp = multiprocessing;
using namespace support;
using namespace std::chrono_literals;

namespace {

struct Point {
    double x = 0;
    double y = 0;
    friend bool operator==(const Point&, const Point&) = default;
    Point& operator+=(const Point& other) {
        x += other.x;
        y += other.y;
        return *this;
    }
};

template <class T, class U>
concept subtracts = requires(const mp::SharedValue<T>& value, const U& operand) { value -= operand; };
template <class T>
concept takes_remainders = requires(const mp::SharedValue<T>& value) { value %= 2; };

} // namespace

TEST_CASE("SharedValue::SharedValue") {
    SECTION("without arguments it is value-initialised") {
        CHECK(mp::SharedValue<int>().value() == 0);
        CHECK(mp::SharedValue<Whole>().value() == Whole{});
        CHECK(mp::SharedValue<Point>().value() == Point{});
    }
    SECTION("memory that was used before is zero again") {
        for (int i = 0; i < 100; ++i) {
            const mp::SharedValue<Whole> fresh;
            REQUIRE(fresh.value() == Whole{});
            fresh.set(numbered<Whole>(7));
        }
    }
    SECTION("of a number, of the same kind or another") {
        CHECK(mp::SharedValue<int>(7).value() == 7);
        CHECK(mp::SharedValue<int>{7}.value() == 7);
        CHECK(mp::SharedValue<double>(7).value() == 7.0);
        CHECK(mp::SharedValue<float>(0.5).value() == 0.5F);
        CHECK(mp::SharedValue<unsigned>(7L).value() == 7U);
        CHECK(mp::SharedValue<bool>(true).value());
        CHECK(mp::SharedValue(2.5).value() == 2.5);
        const int seven = 7;
        CHECK(mp::SharedValue(seven).value() == 7);
    }
    SECTION("an integer that the type does not have is refused, where Python cuts it off") {
        CHECK_THROWS_AS(mp::SharedValue<int>(std::int64_t{1} << 31), std::invalid_argument);
        CHECK_THROWS_AS(mp::SharedValue<unsigned char>(300), std::invalid_argument);
        CHECK_THROWS_AS(mp::SharedValue<unsigned short>(-1), std::invalid_argument);
    }
    SECTION("of the members of an aggregate, of a copy of one, of constructor arguments") {
        CHECK(mp::SharedValue<Point>(1.0, 2.0).value() == Point{1, 2});
        CHECK(mp::SharedValue<Point>(Point{1, 2}).value() == Point{1, 2});
        CHECK(mp::SharedValue<std::array<int, 3>>(1, 2, 3).value()[2] == 3);
        CHECK(mp::SharedValue<std::complex<double>>(1.0, 2.0).value().imag() == 2);
    }
}

TEST_CASE("SharedValue::set") {
    const mp::SharedValue<int> number(1);
    number.set(7);
    CHECK(number.value() == 7);
    CHECK((number = 8).value() == 8);
    const mp::SharedValue<Point> point(1.0, 2.0);
    point.set({3, 4});
    CHECK(point.value() == Point{3, 4});
    point = Point{5, 6};
    CHECK(point.value() == Point{5, 6});
}

TEST_CASE("SharedValue::exchange") {
    const mp::SharedValue<int> number(1);
    CHECK(number.exchange(2) == 1);
    CHECK(number.value() == 2);
    const mp::SharedValue<Whole> whole(numbered<Whole>(1));
    CHECK(whole.exchange(numbered<Whole>(2)) == numbered<Whole>(1));
    CHECK(whole.value() == numbered<Whole>(2));
}

TEST_CASE("SharedValue::compare_exchange") {
    SECTION("stores when the expected is there, and tells what is there when not") {
        const mp::SharedValue<int> number(1);
        int expected = 1;
        CHECK(number.compare_exchange(expected, 9));
        CHECK(expected == 1);
        CHECK_FALSE(number.compare_exchange(expected, 10));
        CHECK(expected == 9);
        CHECK(number.value() == 9);
    }
    SECTION("compares by ==, which need not be by bytes") {
        const mp::SharedValue<double> number(-0.0);
        double zero = 0;
        CHECK(number.compare_exchange(zero, 1));
        double nan = std::numeric_limits<double>::quiet_NaN();
        number.set(nan);
        CHECK_FALSE(number.compare_exchange(nan, 1));
    }
    SECTION("compares a struct without == by its bytes") {
        struct Plain {
            std::array<int, 4> numbers;
        };
        struct None {
            int a;
            int b;
            int c;
        };
        const mp::SharedValue<None> none(1, 2, 3);
        None expected{1, 2, 4};
        CHECK_FALSE(none.compare_exchange(expected, {}));
        CHECK(expected.c == 3);
        CHECK(none.compare_exchange(expected, {7, 8, 9}));
        CHECK(none.value().b == 8);
        STATIC_REQUIRE(mp::detail::comparable_whole<Plain>);
    }
    SECTION("is not there for a struct without == that has padding") {
        struct Padded {
            char a;
            int b;
        };
        STATIC_REQUIRE_FALSE(mp::detail::comparable_whole<Padded>);
    }
}

TEST_CASE("a SharedValue that is larger than the stack") {
    struct Huge {
        std::array<char, 16 << 20> bytes;
    };
    std::vector<Huge> given(2);
    given[1].bytes.back() = 'x';
    const mp::SharedValue<Huge> value;
    value.set(given[1]);
    CHECK_FALSE(value.compare_exchange(given[0], given[1])); // and given[0] is what is there
    CHECK(given[0].bytes.back() == 'x');
    CHECK(value.compare_exchange(given[0], given[1]));
    value.update([](Huge& one) { one.bytes.front() = 'y'; });
    CHECK(value.get_obj()->bytes.front() == 'y');
}

TEST_CASE("SharedValue::operator+= and its kin return the new value") {
    const mp::SharedValue<int> n(10);
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
    CHECK(n.value() == 9);
    const mp::SharedValue<double> d(1.5);
    CHECK((d += 1) == 2.5);
    CHECK((d -= 0.5) == 2);
    CHECK((d *= 4) == 8);
    CHECK((d /= 16) == 0.5);
}

TEST_CASE("SharedValue::operator++ and --") {
    const mp::SharedValue<int> n(10);
    CHECK(++n == 11);
    CHECK(n++ == 11);
    CHECK(n.value() == 12);
    CHECK(--n == 11);
    CHECK(n-- == 11);
    CHECK(n.value() == 10);
    const mp::SharedValue<double> d(0.5);
    CHECK(++d == 1.5);
    CHECK(d-- == 1.5);
    CHECK(d.value() == 0.5);
}

TEST_CASE("SharedValue computes as the built-in operators do") {
    SECTION("in the type both operands have in common, converted at the end") {
        const mp::SharedValue<std::int8_t> small(100);
        CHECK((small /= 200) == 0);
        const mp::SharedValue<std::uint8_t> byte(10);
        CHECK((byte /= -2) == 251);
        CHECK((byte += 10) == 5);
        CHECK((byte -= 6) == 255);
        CHECK((byte <<= 4) == 0xf0);
        const mp::SharedValue<int> number(10);
        CHECK((number %= (std::int64_t{1} << 32) + 3) == 10);
        CHECK((number /= (std::int64_t{1} << 32) + 2) == 0);
        const mp::SharedValue<float> single(16'777'216.0F);
        CHECK((single += 1.0000001) == 16'777'218.0F);
    }
    SECTION("for every kind of number") {
        CHECK((mp::SharedValue<unsigned>(3U) += 4L) == 7U);
        CHECK((mp::SharedValue<long long>(3) *= true) == 3);
        CHECK((mp::SharedValue<char>('a') += 1) == 'b');
        CHECK((mp::SharedValue<bool>(false) |= true));
        CHECK((mp::SharedValue<long double>(1) /= 4) == 0.25L);
        CHECK((mp::SharedValue<float>(1.0F) += 0.5) == 1.5F);
    }
    SECTION("for classes by their own operators, and only those they have") {
        CHECK((mp::SharedValue<std::complex<double>>(1.0, 2.0) *= 2.0) == std::complex<double>(2, 4));
        CHECK((mp::SharedValue<Point>(1.0, 2.0) += Point{1, 1}) == Point{2, 3});
        CHECK((mp::SharedValue<std::byte>(std::byte{1}) |= std::byte{6}) == std::byte{7});
        STATIC_REQUIRE_FALSE(subtracts<Point, Point>);
        STATIC_REQUIRE_FALSE(takes_remainders<double>);
        STATIC_REQUIRE(takes_remainders<char>);
        STATIC_REQUIRE_FALSE(subtracts<int, double>);
        STATIC_REQUIRE(subtracts<int, char>);
    }
}

TEST_CASE("SharedValue::update") {
    const mp::SharedValue<int> number(1);
    const mp::SharedValue<Whole> whole(numbered<Whole>(1));

    SECTION("stores what the function makes of its argument") {
        number.update([](int& n) { n = 3 * n + 1; });
        CHECK(number.value() == 4);
        whole.update([](Whole& w) { w = numbered<Whole>(2); });
        CHECK(whole.value() == numbered<Whole>(2));
    }
    SECTION("returns a copy of what the function returns") {
        CHECK(number.update([](int& n) { return n++ == 1 ? std::string("one") : std::string("other"); }) == "one");
        CHECK(whole.update([](Whole& w) -> std::int64_t& { return ++w.x; }) == 2);
        CHECK(whole.value().x == 2);
        STATIC_REQUIRE(std::is_same_v<decltype(whole.update([](Whole& w) -> Whole& { return w; })), Whole>);
        STATIC_REQUIRE(std::is_void_v<decltype(number.update([](int&) {}))>);
        CHECK(whole.update(&Whole::y) == 1);
    }
    SECTION("an exception leaves the old value and the lock free") {
        CHECK_THROWS_AS(number.update([](int& n) {
            n = 99;
            throw std::runtime_error("no");
        }),
                        std::runtime_error);
        CHECK_THROWS_AS(whole.update([](Whole& w) {
            w.x = 99;
            throw std::runtime_error("no");
        }),
                        std::runtime_error);
        CHECK(number.value() == 1);
        CHECK(whole.value() == numbered<Whole>(1));
        CHECK(free_for_others(number));
        CHECK(free_for_others(whole));
        number.set(5);
        whole.set(numbered<Whole>(5));
    }
    SECTION("the function holds the lock and sees the old value elsewhere") {
        whole.update([&](Whole& w) {
            w = numbered<Whole>(3);
            CHECK(whole.value() == numbered<Whole>(1));
            CHECK(*whole.get_obj() == numbered<Whole>(1));
            CHECK_FALSE(free_for_others(whole));
        });
        CHECK(whole.value() == numbered<Whole>(3));
    }
    SECTION("to change the same object inside throws, and changes nothing") {
        CHECK_THROWS_AS(number.update([&](int& n) { n = number += 1; }), std::logic_error);
        CHECK_THROWS_AS(number.update([&](int&) { number.set(9); }), std::logic_error);
        CHECK_THROWS_AS(number.update([&](int&) { number.exchange(9); }), std::logic_error);
        CHECK_THROWS_AS(number.update([&](int&) { number.update([](int& n) { n = 9; }); }), std::logic_error);
        CHECK_THROWS_AS(whole.update([&](Whole& w) {
            w.x = 9;
            whole.set(w);
        }),
                        std::logic_error);
        CHECK(number.value() == 1);
        CHECK(whole.value() == numbered<Whole>(1));
    }
    SECTION("to change the same object inside is noticed through other objects too") {
        const mp::SharedValue<int> other(1);
        CHECK_THROWS_AS(number.update([&](int&) { other.update([&](int&) { number.set(9); }); }), std::logic_error);
        CHECK(number.value() == 1);
        CHECK(other.value() == 1);
    }
    SECTION("the refused change may be caught, and the update goes on") {
        number.update([&](int& n) {
            CHECK_THROWS_AS(number.set(9), std::logic_error);
            n = 2;
        });
        CHECK(number.value() == 2);
        number.set(3);
        CHECK(number.value() == 3);
    }
    SECTION("others may be changed inside") {
        const mp::SharedValue<Whole> other(numbered<Whole>(5));
        whole.update([&](Whole& w) {
            other.update([&](Whole& o) { std::swap(w, o); });
            number += 1;
        });
        CHECK(whole.value() == numbered<Whole>(5));
        CHECK(other.value() == numbered<Whole>(1));
        CHECK(number.value() == 2);
    }
    SECTION("what another object is set to may be the argument itself") {
        const mp::SharedValue<Whole> other;
        whole.update([&](Whole& w) {
            w = numbered<Whole>(6);
            other.set(w);
        });
        CHECK(other.value() == numbered<Whole>(6));
    }
    SECTION("a child forked inside is not in it: it waits for the end, and then may change the object") {
        auto child = number.update([&](int& n) {
            n = 10;
            return std::make_unique<mp::Process>(mp::fork([&] { number += 1; }));
        });
        CHECK(end_of(*child) == 0);
        CHECK(number.value() == 11);
    }
    SECTION("a process killed inside leaves the old value, and the lock to be had") {
        auto child = mp::fork([&] {
            whole.update([](Whole& w) {
                w.x = 99;
                std::raise(SIGKILL);
            });
        });
        CHECK(end_of(child) == -SIGKILL);
        CHECK(whole.try_lock_for(10s));
        CHECK(whole.value() == numbered<Whole>(1));
        CHECK(whole.get_lock().owner_died());
        whole.get_lock().make_consistent();
        whole.unlock();
    }
}

TEMPLATE_TEST_CASE("SharedValue of structs", "", Seven, Pair, Initialised, Twelve, Whole, Overaligned) {
    std::vector<mp::SharedValue<TestType>> values;
    for (int i = 0; i < 20; ++i) {
        values.emplace_back(numbered<TestType>(i));
        REQUIRE(is_aligned(&values.back().get_obj().value()));
    }
    for (int i = 0; i < 20; ++i) {
        const auto& value = values[static_cast<std::size_t>(i)];
        REQUIRE(value.value() == numbered<TestType>(i));
        REQUIRE(value.exchange(numbered<TestType>(i + 1)) == numbered<TestType>(i));
        value.update([](TestType& all) { all = numbered<TestType>(100); });
    }
    CHECK(std::ranges::all_of(values, [](const auto& each) { return each.value() == numbered<TestType>(100); }));
}

TEST_CASE("SharedValue is a handle") {
    mp::SharedValue<int> number(1);

    SECTION("a copy refers to the same object and the same lock") {
        const mp::SharedValue<int> same(number);
        const mp::SharedValue also(number);
        same += 1;
        CHECK(number.value() == 2);
        CHECK(&also.get_obj().value() == &number.get_obj().value());
        const std::scoped_lock guard(same);
        CHECK_FALSE(free_for_others(number));
    }
    SECTION("a move takes the object along") {
        const auto* const place = &number.get_obj().value();
        mp::SharedValue<int> taken(std::move(number));
        CHECK(&taken.get_obj().value() == place);
        number = std::move(taken);
        CHECK(&number.get_obj().value() == place);
    }
    SECTION("the object outlives the handle it was made with") {
        auto first = std::make_unique<mp::SharedValue<Whole>>(numbered<Whole>(1));
        const mp::SharedValue<Whole> second(*first);
        const mp::RawValue<Whole> raw = first->get_obj();
        const mp::RLock lock = first->get_lock();
        first.reset();
        second.set(numbered<Whole>(2));
        const std::scoped_lock guard(lock);
        CHECK(*raw == numbered<Whole>(2));
    }
    SECTION("a vector of them grows, is sorted, erased from and rotated") {
        std::vector<mp::SharedValue<int>> all;
        for (const int n : {3, 1, 4, 1, 5, 9, 2, 6}) {
            all.emplace_back(n);
        }
        std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.value() < b.value(); });
        std::erase_if(all, [](const auto& each) { return each.value() == 1; });
        std::rotate(all.begin(), all.begin() + 1, all.end());
        std::swap(all[0], all[1]);
        all.erase(all.begin() + 2);
        std::vector<int> numbers;
        for (const auto& each : all) {
            numbers.push_back(each += 10);
        }
        CHECK(numbers == std::vector{14, 13, 16, 19, 12});
    }
    STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<mp::SharedValue<Whole>>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<mp::SharedValue<Whole>>);
    STATIC_REQUIRE(std::is_nothrow_move_assignable_v<mp::SharedValue<Whole>>);
    STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<mp::SharedValue<Whole>>);
}

TEST_CASE("SharedValue::get_lock") {
    const mp::SharedValue<int> number(5);
    {
        const std::scoped_lock guard(number.get_lock());
        number.get_obj().value() += 5;
        number += 1; // recursive
        CHECK_FALSE(free_for_others(number));
    }
    CHECK(free_for_others(number));
    CHECK(number.value() == 11);
}

TEST_CASE("SharedValue is Lockable") {
    const mp::SharedValue<int> a(1);
    const mp::SharedValue<double> b(2.0);

    SECTION("std::scoped_lock takes one or several") {
        {
            const std::scoped_lock both(a, b);
            CHECK_FALSE(free_for_others(a));
            CHECK_FALSE(free_for_others(b));
        }
        CHECK(free_for_others(a));
        CHECK(free_for_others(b));
    }
    SECTION("try_lock, try_lock_for, try_lock_until and unlock") {
        CHECK(a.try_lock());
        CHECK(a.try_lock_for(1ms));
        CHECK(a.try_lock_until(std::chrono::system_clock::now() + 1ms));
        const mp::RawValue<bool> refused;
        CHECK(side_by_side(1, [&](int) {
            *refused = !a.try_lock() && !a.try_lock_for(1ms) && !a.try_lock_until(std::chrono::steady_clock::now());
        }));
        CHECK(*refused);
        for (int depth = 3; depth > 0; --depth) {
            CHECK_FALSE(free_for_others(a));
            a.unlock();
        }
        CHECK(free_for_others(a));
    }
    SECTION("acquire and release are Python's spelling") {
        CHECK(a.acquire());
        CHECK(a.acquire(false));
        CHECK(a.acquire(true, 50ms));
        CHECK(a.acquire(false, 50ms));
        for (int depth = 4; depth > 0; --depth) {
            CHECK_FALSE(free_for_others(a));
            a.release();
        }
        CHECK(free_for_others(a));
    }
    SECTION("to release what one does not hold is an error") {
        const auto not_permitted = [](const auto& release) {
            try {
                release();
            } catch (const std::system_error& error) {
                return error.code() == std::errc::operation_not_permitted;
            }
            return false;
        };
        CHECK(not_permitted([&] { a.release(); }));
        CHECK(not_permitted([&] { a.unlock(); }));
        const std::scoped_lock guard(a);
        const mp::RawValue<bool> refused;
        CHECK(side_by_side(1, [&](int) { *refused = not_permitted([&] { a.release(); }); }));
        CHECK(*refused);
        CHECK_FALSE(free_for_others(a));
    }
}

TEST_CASE("SharedValue is printed as what it holds, bytes as numbers") {
    CHECK(printed(mp::SharedValue<int>(-7)) == "-7");
    CHECK(printed(mp::SharedValue<std::int8_t>(65)) == "65");
    CHECK(printed(mp::SharedValue<std::uint8_t>(200)) == "200");
    CHECK(printed(mp::SharedValue<char>('A')) == "A");
    CHECK(printed(mp::SharedValue<std::complex<double>>(1.0, 2.0)) == "(1,2)");
}

TEST_CASE("SharedValue loses no update of 8 processes") {
    constexpr int times = 50'000;

    SECTION("+= on an int") {
        const mp::SharedValue<int> counter(0);
        CHECK(side_by_side(8, [&](int) {
            repeat(times, [&] {
                counter += 1;
            });
        }));
        CHECK(counter.value() == 8 * times);
    }
    SECTION("+= on a double") {
        const mp::SharedValue<double> counter(0);
        CHECK(side_by_side(8, [&](int) {
            repeat(times, [&] {
                counter += 0.5;
            });
        }));
        CHECK(counter.value() == 8 * times * 0.5);
    }
    SECTION("update of a struct") {
        const mp::SharedValue<Whole> counters;
        CHECK(side_by_side(8, [&](int) {
            repeat(times, [&] {
                counters.update([](Whole& w) {
                    ++w.x;
                    w.between[3] += 2;
                    --w.y;
                });
            });
        }));
        CHECK(counters.value() == Whole{8 * times, {0, 0, 0, 16 * times, 0, 0}, -8 * times});
    }
    SECTION("a read and a write under the lock") {
        const mp::SharedValue<int> counter(0);
        CHECK(side_by_side(8, [&](int) {
            repeat(times / 10, [&] {
                const std::scoped_lock guard(counter);
                const int read = counter.value();
                counter.set(read + 1);
            });
        }));
        CHECK(counter.value() == 8 * times / 10);
    }
    SECTION("compare_exchange") {
        const mp::SharedValue<Twelve> counter;
        CHECK(side_by_side(8, [&](int) {
            Twelve there{};
            for (int i = 0; i < times / 10;) {
                i += counter.compare_exchange(there, numbered<Twelve>(there.a + 1)) ? 1 : 0;
            }
        }));
        CHECK(counter.value() == numbered<Twelve>(8 * times / 10));
    }
    SECTION("exchange: every number comes out once") {
        const mp::SharedValue<Twelve> slot;
        const mp::SharedValue<std::int64_t> sum;
        CHECK(side_by_side(8, [&](int) {
            std::int64_t mine = 0;
            for (int i = 1; i <= times / 10; ++i) {
                mine += slot.exchange(numbered<Twelve>(i)).a;
            }
            sum += mine;
        }));
        CHECK(sum.value() + slot.value().a == std::int64_t{8} * (times / 10) * (times / 10 + 1) / 2);
    }
}

TEST_CASE("SharedValue of a 64-byte struct is never seen half-written, while 4 processes set it") {
    const mp::SharedValue<Whole> whole;
    const sight seen = look_while_written(
        4, [&](std::int64_t n) { whole.set({n, {}, n}); },
        [&] {
            const Whole now = whole.value();
            return now.x == now.y ? std::optional(now.x) : std::nullopt;
        });
    CHECK(seen.torn == 0);
    CHECK(seen.changes >= 1'000);
    CHECK(seen.writers_ended_well);
}
