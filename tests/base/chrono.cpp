// Durations, clocks and time points are there, and their literals.
#include <multiprocessing/base/chrono.hpp>

#include "support/catch.hpp"

TEST_CASE("durations and the steady clock without a calendar") {
    using namespace std::chrono_literals;
    REQUIRE(std::chrono::ceil<std::chrono::milliseconds>(1500us) == 2ms);
    REQUIRE(std::chrono::steady_clock::now() + 1h > std::chrono::steady_clock::now());
}
