#include "support/catch.hpp"
#include "support/crowd.hpp"
#include "support/structs.hpp"

#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/sharedctypes/with_lock.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <vector>

namespace mp = multiprocessing;
using namespace support;

TEST_CASE("with_lock") {
    const mp::SharedValue<int> first(1);
    const mp::with_lock shared(first.get_lock());

    SECTION("makes values as without it") {
        CHECK(mp::SharedValue<int>(shared).value() == 0);
        CHECK(mp::SharedValue<int>(mp::with_lock(first.get_lock()), 7).value() == 7);
        CHECK(mp::SharedValue<double>(shared, 7).value() == 7.0);
        CHECK(mp::SharedValue<Twelve>(shared, 1, 2, 3).value() == numbered<Twelve>(1));
        CHECK(mp::SharedValue<Whole>(shared, numbered<Whole>(2)).value() == numbered<Whole>(2));
        CHECK(mp::SharedValue<Overaligned>(shared, 3).value().number == 3);
        CHECK_THROWS_AS(mp::SharedValue<unsigned char>(shared, 300), std::invalid_argument);
    }
    SECTION("makes arrays as without it") {
        CHECK(mp::SharedArray<int>(shared, 2).slice() == std::vector{0, 0});
        CHECK(mp::SharedArray<int>(shared, {1, 2}).slice() == std::vector{1, 2});
        CHECK(mp::SharedArray<double>(shared, std::vector{1, 2}).slice() == std::vector{1.0, 2.0});
        CHECK(mp::SharedArray<char>(shared, "hello").value() == "hello");
        CHECK(mp::SharedArray<Overaligned>(shared, 3).size() == 3);
        CHECK(mp::SharedArray<Whole>(shared, 0).empty());
        CHECK_THROWS_AS(mp::SharedArray<int>(shared, -1), std::invalid_argument);
    }
    SECTION("objects that share a lock are locked together") {
        const mp::SharedValue<Whole> second(shared);
        const mp::SharedArray<int> third(mp::with_lock(second.get_lock()), 1);
        CHECK(free_for_others(first));
        const std::scoped_lock guard(third);
        CHECK_FALSE(free_for_others(first));
        CHECK_FALSE(free_for_others(second));
        first += 1; // recursive
        second.set(numbered<Whole>(first.value()));
        CHECK(second.value() == numbered<Whole>(2));
    }
    SECTION("of an RLock made for it") {
        const mp::RLock lock;
        const mp::SharedValue<int> value(mp::with_lock(lock), 1);
        const std::scoped_lock guard(lock);
        CHECK_FALSE(free_for_others(value));
    }
    SECTION("the lock lives as long as any object that it guards") {
        auto owner = std::make_unique<mp::SharedValue<int>>(1);
        const mp::SharedValue<Twelve> guarded(mp::with_lock(owner->get_lock()), 1, 2, 3);
        const mp::SharedValue<int> word(mp::with_lock(owner->get_lock()), 5);
        owner.reset();
        guarded.update([](Twelve& t) { t.a = 7; });
        word += 1;
        CHECK(guarded.value().a == 7);
        CHECK(word.value() == 6);
    }
    SECTION("update is all or nothing here too") {
        const mp::SharedValue<Whole> value(shared, numbered<Whole>(1));
        const mp::SharedArray<Twelve> array(shared, 2);
        CHECK_THROWS_AS(value.update([](Whole& w) {
            w.x = 9;
            throw std::runtime_error("no");
        }),
                        std::runtime_error);
        CHECK_THROWS_AS(array[1].update([&](Twelve&) { array[1] = numbered<Twelve>(1); }), std::logic_error);
        CHECK_THROWS_AS(array.assign_slice({}, {}, std::vector<Twelve>(1)), std::length_error);
        CHECK(value.value() == numbered<Whole>(1));
        value.update([&](Whole& w) {
            w = numbered<Whole>(2);
            array[0] = numbered<Twelve>(3);
        });
        array.assign_slice(1, 2, std::vector{numbered<Twelve>(4)});
        CHECK(value.value() == numbered<Whole>(2));
        CHECK(array.slice() == std::vector{numbered<Twelve>(3), numbered<Twelve>(4)});
    }
    SECTION("handles move") {
        std::vector<mp::SharedValue<Whole>> all;
        for (int i = 0; i < 10; ++i) {
            all.emplace_back(shared, numbered<Whole>(i));
        }
        all.erase(all.begin(), all.begin() + 9);
        all[0].set(numbered<Whole>(7));
        CHECK(all[0].value() == numbered<Whole>(7));
    }
}

TEST_CASE("with_lock: two values under one lock lose no update, and keep together") {
    constexpr int times = 10'000;
    const mp::SharedValue<int> a(0);
    const mp::SharedValue<double> b(mp::with_lock(a.get_lock()), 0);
    const mp::SharedValue<Twelve> c(mp::with_lock(a.get_lock()));
    const mp::SharedValue<int> apart(0);
    CHECK(side_by_side(8, [&](int mine) {
        repeat(times, [&] {
            const std::scoped_lock guard(mine % 2 == 0 ? a.get_lock() : c.get_lock());
            apart += a.value() == 2 * b.value() && a.value() == c.value().a ? 0 : 1;
            a += 1;
            b += 0.5;
            c.update([](Twelve& t) { ++t.a; });
        });
    }));
    CHECK(a.value() == 8 * times);
    CHECK(b.value() == 8 * times * 0.5);
    CHECK(c.value().a == 8 * times);
    CHECK(apart.value() == 0);
}

TEST_CASE("with_lock: a 64-byte struct is never seen half-written, while 4 processes set it") {
    const mp::RLock lock;
    const mp::SharedValue<Whole> whole(mp::with_lock(lock), numbered<Whole>(0));
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
