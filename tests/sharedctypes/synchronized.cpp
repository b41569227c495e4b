#include "support/catch.hpp"
#include "support/crowd.hpp"
#include "support/structs.hpp"

#include <multiprocessing/sharedctypes/synchronized.hpp>

#include <mutex>
#include <stdexcept>
#include <vector>

namespace mp = multiprocessing;
using namespace support;

TEST_CASE("synchronized") {
    SECTION("gives a value a lock: it is the same object") {
        const mp::RawValue<int> raw(5);
        const auto shared = mp::synchronized(raw);
        STATIC_REQUIRE(std::is_same_v<decltype(shared), const mp::SharedValue<int>>);
        shared += 1;
        *raw += 10;
        CHECK(*raw == 16);
        CHECK(shared.value() == 16);
        CHECK(&shared.get_obj().value() == &raw.value());
        const std::scoped_lock guard(shared);
        CHECK_FALSE(free_for_others(shared));
    }
    SECTION("gives an array a lock: it is the same array") {
        const mp::RawArray<Twelve> raw(3);
        const auto shared = mp::synchronized(raw);
        STATIC_REQUIRE(std::is_same_v<decltype(shared), const mp::SharedArray<Twelve>>);
        shared[-1] = numbered<Twelve>(2);
        CHECK(raw[2] == numbered<Twelve>(2));
        raw[0] = numbered<Twelve>(1);
        CHECK(shared.slice() == std::vector{numbered<Twelve>(1), Twelve{}, numbered<Twelve>(2)});
        shared.assign_slice({}, {}, -2, std::vector{numbered<Twelve>(5), numbered<Twelve>(6)});
        CHECK(raw[0] == numbered<Twelve>(6));
    }
    SECTION("of a text, and of nothing") {
        const auto text = mp::synchronized(mp::RawArray<char>("hello"));
        text.value("bye");
        CHECK(text.value() == "bye");
        CHECK(mp::synchronized(mp::RawArray<Whole>(0)).empty());
    }
    SECTION("with a lock there is already") {
        const mp::SharedValue<int> other(1);
        const auto value = mp::synchronized(mp::RawValue<Whole>(), other.get_lock());
        const auto array = mp::synchronized(mp::RawArray<int>(2), other.get_lock());
        const std::scoped_lock guard(other);
        CHECK_FALSE(free_for_others(value));
        CHECK_FALSE(free_for_others(array));
        value.set(numbered<Whole>(1)); // recursive
        array[0] += 1;
    }
    SECTION("without one, each has its own") {
        const mp::RawValue<int> raw;
        const auto a = mp::synchronized(raw);
        const auto b = mp::synchronized(mp::RawValue<int>());
        const std::scoped_lock guard(a);
        CHECK(free_for_others(b));
    }
    SECTION("the object lives as long as its last handle, raw or not") {
        const auto shared = mp::synchronized(mp::RawValue<Whole>(numbered<Whole>(1)));
        shared.set(numbered<Whole>(2));
        const mp::RawValue<Whole> raw = mp::synchronized(shared.get_obj()).get_obj();
        CHECK(*raw == numbered<Whole>(2));
    }
    SECTION("update is all or nothing") {
        const mp::RawValue<Whole> raw(numbered<Whole>(1));
        const auto shared = mp::synchronized(raw);
        CHECK_THROWS_AS(shared.update([](Whole& w) {
            w.x = 9;
            throw std::runtime_error("no");
        }),
                        std::runtime_error);
        CHECK_THROWS_AS(shared.update([&](Whole&) { shared.set(numbered<Whole>(9)); }), std::logic_error);
        CHECK(*raw == numbered<Whole>(1));
    }
}

TEST_CASE("synchronized objects lose no update of 8 processes") {
    constexpr int times = 10'000;
    const mp::RawValue<int> word;
    const mp::RawValue<Twelve> several;
    const mp::RawArray<double> array(2);
    const auto shared_word = mp::synchronized(word);
    const auto shared_several = mp::synchronized(several);
    const auto shared_array = mp::synchronized(array);
    CHECK(side_by_side(8, [&](int) {
        repeat(times, [&] {
            shared_word += 1;
            shared_several.update([](Twelve& t) { t = {t.a + 1, t.b + 2, t.c + 3}; });
            shared_array[1] += 0.5;
        });
    }));
    CHECK(*word == 8 * times);
    CHECK(*several == numbered<Twelve>(8 * times));
    CHECK(array[1] == 8 * times * 0.5);
}
