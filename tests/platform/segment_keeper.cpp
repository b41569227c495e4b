// On every system. What becomes of names when processes are killed: tests/robustness/shared_memory_manager.cpp.
#include "support/catch.hpp"
#include "support/names.hpp"

#include <multiprocessing/platform/segment_keeper.hpp>

#include <cstddef>
#include <stdexcept>

using multiprocessing::platform::named_memory;
using multiprocessing::platform::segment_keeper;

TEST_CASE("segment_keeper::create") {
    const support::unused_name name;
    segment_keeper keeper;
    REQUIRE(keeper.is_of_this_process());

    SECTION("makes memory that is filled, and stays as long as the keeper") {
        static_cast<void>(keeper.create(name, 100, 0600, [](std::byte* first) { first[99] = std::byte{1}; }));
        REQUIRE(named_memory::open(name, multiprocessing::platform::access::read_only)->data()[99] == std::byte{1});
        keeper.finish();
        REQUIRE_FALSE(named_memory::exists(name));
        keeper.finish();
    }
    SECTION("makes nothing when the name is taken, or filling it throws") {
        const auto other = named_memory::create(name, 100, 0600);
        REQUIRE_FALSE(keeper.create(name, 100, 0600, [](std::byte*) {}).has_value());
        const support::unused_name second;
        REQUIRE_THROWS_AS(keeper.create(second, 100, 0600, [](std::byte*) { throw std::runtime_error("on purpose"); }), std::runtime_error);
        keeper.finish();
        REQUIRE(named_memory::exists(name));
        REQUIRE_FALSE(named_memory::exists(second));
    }
}
