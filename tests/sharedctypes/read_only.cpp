// (That a write through a stray pointer is a fault: robustness/read_only.cpp. That writes do not compile: compile_fail/read_only.cpp.)
#include "support/catch.hpp"
#include "support/names.hpp"
#include "support/structs.hpp"

#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/read_only.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <ranges>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace mp = multiprocessing;

static_assert(std::ranges::contiguous_range<mp::ReadOnlyArray<int>> && std::ranges::sized_range<mp::ReadOnlyArray<int>>);
static_assert(std::same_as<decltype(*std::declval<mp::ReadOnlyArray<int>&>().begin()), const int&>);
static_assert(std::convertible_to<mp::ReadOnlyArray<int>&, std::span<const int>>);
static_assert(!std::convertible_to<mp::ReadOnlyArray<int>&, std::span<int>>);
static_assert(std::same_as<decltype(*std::declval<mp::ReadOnlyValue<int>&>()), const int&>);

namespace {

template <class Call>
std::string refusal_of(Call call) {
    try {
        call();
    } catch (const mp::LayoutError& error) {
        return error.what();
    } catch (const std::system_error& error) {
        return error.code() == std::errc::no_such_file_or_directory ? error.what() : "another error";
    }
    return {};
}

} // namespace

TEST_CASE("ReadOnlyValue<T>(name)") {
    const support::unused_object name;
    SECTION("shows a RawValue") {
        const mp::RawValue<support::Pair> value(mp::create_only, name, support::Pair{1, 2});
        const mp::ReadOnlyValue<support::Pair> view(name);
        const mp::ReadOnlyValue<support::Pair> copy(view);
        value->b = 5;
        REQUIRE(view->b == 5);
        REQUIRE(*copy == support::Pair{1, 5});
        REQUIRE(view.value().a == 1);
    }
    SECTION("shows what can have no lock") {
        struct Counters {
            std::atomic<int> hits;
            int rest;
        };
        const mp::RawValue<Counters> value(mp::create_only, name, 1, 2);
        const mp::ReadOnlyValue<Counters> view(name);
        value->hits += 5;
        REQUIRE((view->hits == 6 && view->rest == 2));
        CHECK(refusal_of([&] { static_cast<void>(mp::ReadOnlyValue<std::pair<int, int>>(name)); }).find("is a RawValue of 1 x ?8:") != std::string::npos);
    }
    SECTION("shows a SharedValue, and takes no lock") {
        const mp::SharedValue<std::int64_t> value(mp::create_only, name, 7);
        const mp::ReadOnlyValue<std::int64_t> view(name);
        value.lock();
        value = 8;
        REQUIRE(*view == 8);
        value.unlock();
        const support::unused_object wide_name;
        const mp::SharedValue<support::Overaligned> wide(mp::create_only, wide_name, support::numbered<support::Overaligned>(3));
        REQUIRE(mp::ReadOnlyValue<support::Overaligned>(wide_name)->number == 3);
    }
    SECTION("of the greatest alignment that a named object may have") { // more: tests/compile_fail/alignment.cpp
        struct alignas(256) Widest {
            int number;
        };
        const mp::SharedValue<Widest> value(mp::create_only, name, Widest{4});
        const mp::ReadOnlyValue<Widest> view(name);
        REQUIRE(view->number == 4);
        for (const Widest* each : {&*view, static_cast<const Widest*>(&value.get_obj().value())}) {
            REQUIRE(reinterpret_cast<std::uintptr_t>(each) % alignof(Widest) == 0);
        }
    }
    SECTION("keeps it when its name is gone") {
        const mp::RawValue<int> value(mp::create_only, name, 1);
        const mp::ReadOnlyValue<int> view(name);
        mp::unlink(name);
        *value = 2;
        REQUIRE(*view == 2);
    }
    SECTION("says what is there instead") {
        REQUIRE(refusal_of([&] { mp::ReadOnlyValue<int>{name}; }).find("\"" + name.text() + "\": there is no shared object") != std::string::npos);
        const mp::RawArray<int> array(mp::create_only, name, 3);
        REQUIRE(refusal_of([&] { mp::ReadOnlyValue<int>{name}; }).find("is a RawArray of 3 x i4, and was opened as a SharedValue of 1 x i4") !=
                std::string::npos);
    }
}

TEST_CASE("ReadOnlyArray<T>(name)") {
    const support::unused_object name;
    SECTION("shows a RawArray") {
        const mp::RawArray<double> array(mp::create_only, name, {1.0, 2.0});
        const mp::ReadOnlyArray<double> view(name);
        array[1] = 3;
        REQUIRE(view.size() == 2);
        REQUIRE_FALSE(view.empty());
        REQUIRE(view[1] == 3);
        REQUIRE(std::ranges::equal(view, std::vector{1.0, 3.0}));
        REQUIRE(view.data() != array.data()); // mapped once more
    }
    SECTION("shows a SharedArray") {
        const mp::SharedArray<std::int16_t> array(mp::create_only, name, {std::int16_t{1}, std::int16_t{2}, std::int16_t{3}});
        const mp::ReadOnlyArray<std::int16_t> view(name);
        array[-1] = std::int16_t{7};
        REQUIRE(view[2] == 7);
        REQUIRE(view.end() - view.begin() == 3);
    }
    SECTION("may be empty") {
        const mp::RawArray<int> array(mp::create_only, name, 0);
        REQUIRE(mp::ReadOnlyArray<int>(name).empty());
    }
    SECTION("says what is there instead") {
        const mp::RawArray<float> array(mp::create_only, name, 3);
        REQUIRE(refusal_of([&] { mp::ReadOnlyArray<int>{name}; }).find("is a RawArray of 3 x f4, and was opened as a SharedArray of any number x i4") !=
                std::string::npos);
    }
}
