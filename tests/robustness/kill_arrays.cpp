// Promise 2: whoever is killed at any instruction of a store to an array leaves all of the elements stored or none, and the lock to be had.
//
// Taken out, and this file failed: the heir's completion of a store (mutex::inherit).
#include <multiprocessing/sharedctypes.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <ranges>
#include <string_view>

#include <support/catch.hpp>
#include <support/kill_scene.hpp>
#include <support/sanitized.hpp>
#include <support/stepper.hpp>

namespace mp = multiprocessing;

namespace {

struct pair {
    long first;
    long second;
};

const auto eight = stepper::object([] { return mp::SharedArray<long>(8); });
constexpr std::array<long, 4> values{7, 7, 7, 7};

/// After 7 was written to the elements `start::step`: all of these or none, and no others.
auto all_or_none(std::ptrdiff_t start, std::ptrdiff_t step) {
    return [=](const mp::SharedArray<long>& array, bool completed) {
        const auto written = array.slice(start, {}, step);
        const auto is_new = std::ranges::count(written, 7);
        support::expect(is_new == std::ranges::ssize(written) || (is_new == 0 && !completed), "all or none");
        support::expect(std::ranges::count(array.slice(), 7) == is_new, "and no others");
        return is_new != 0 ? "new" : "old";
    };
}

} // namespace

TEST_CASE("killed at every instruction of a change of an element", "[slow]") {
    if (sanitized) {
        return;
    }
    SECTION("a word") {
        const auto look = [](const mp::SharedArray<long>& array, bool completed) {
            const long now = array.get_obj()[3];
            support::expect(now == 1 || (now == 0 && !completed));
            return now == 1 ? "new" : "old";
        };
        REQUIRE(stepper::kill_alone("array[3] += 1", eight, [](const auto& array) { array[3] += 1; }, look).victims > 30);
    }
    SECTION("a struct") {
        const auto pairs = stepper::object([] { return mp::SharedArray<pair>(8); });
        const auto look = [](const mp::SharedArray<pair>& array, bool completed) {
            const pair now = array.get_obj()[3];
            support::expect(now.first == now.second, "not torn");
            support::expect(now.first == 1 || (now.first == 0 && !completed));
            return now.first == 1 ? "new" : "old";
        };
        const auto set = [](const auto& array) { array[3].set(pair{1, 1}); };
        REQUIRE(stepper::kill_alone("array[3].set of 16 bytes", pairs, set, look).victims > 30);
    }
}

TEST_CASE("killed at every instruction of assign_slice", "[slow]") {
    if (sanitized) {
        return;
    }
    SECTION("side by side") {
        const auto assign = [](const auto& array) { array.assign_slice(4, 8, values); };
        REQUIRE(stepper::kill_alone("assign_slice of 4 elements", eight, assign, all_or_none(4, 1)).victims > 100);
    }
    SECTION("backwards in steps") {
        const auto assign = [](const auto& array) { array.assign_slice(-1, {}, -2, values); };
        REQUIRE(stepper::kill_alone("assign_slice, step -2", eight, assign, all_or_none(-1, -2)).victims > 100);
    }
    SECTION("somebody waits") {
        const auto assign = [](const auto& array) {
            array.assign_slice(4, 8, values);
            array.unlock();
        };
        REQUIRE(stepper::kill_with_waiter("assign_slice, unlock, somebody waits", eight, assign, all_or_none(4, 1)).victims > 100);
    }
    SECTION("a text") {
        const auto texts = stepper::object([] { return mp::SharedArray<char>(std::string_view("old text")); });
        const auto look = [](const mp::SharedArray<char>& array, bool completed) {
            const auto now = array.get_obj().value();
            support::expect(now == "new" || (now == "old text" && !completed));
            return now == "new" ? "new" : "old";
        };
        REQUIRE(stepper::kill_alone("value(text)", texts, [](const auto& array) { array.value("new"); }, look).victims > 100);
    }
}

TEST_CASE("killed at every instruction of synchronize", "[slow]") {
    if (sanitized) {
        return;
    }
    // Elements are written in place: as far as the victim came, and owner_died() tells that it did not come to the end.
    const auto fill = [](const mp::SharedArray<long>& array) {
        const auto span = array.synchronize();
        for (long& each : span) {
            each = 7;
        }
    };
    const auto look = [](const mp::SharedArray<long>& array, bool completed) {
        const auto now = array.slice();
        const auto written = std::ranges::count(now, 7);
        support::expect(std::all_of(now.begin(), now.begin() + written, [](long each) { return each == 7; }), "in their order");
        support::expect(written == 8 || !completed);
        support::expect(written == 0 || written == 8 || array.get_lock().owner_died(), "half-written is told");
        return written == 0 ? "none written" : written == 8 ? "all written" : "some written";
    };
    REQUIRE(stepper::kill_alone("synchronize, a loop", eight, fill, look).victims > 50);
}
