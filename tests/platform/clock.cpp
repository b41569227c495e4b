#include "support/catch.hpp"

#include <multiprocessing/platform/clock.hpp>

#include <chrono>
#include <limits>

namespace platform = multiprocessing::platform;
using namespace std::chrono_literals;

namespace {
bool is_over(platform::deadline until) { return until <= platform::clock::now(); }
} // namespace

TEST_CASE("clock") {
    REQUIRE(platform::clock::is_steady);
}

TEST_CASE("deadline_after") {
    const auto before = platform::clock::now();

    SECTION("is as far away as asked, never nearer") {
        const auto until = platform::deadline_after(250ms);
        REQUIRE(until >= before + 250ms);
        REQUIRE(until <= platform::clock::now() + 250ms);
    }
    SECTION("rounds up what the clock cannot represent") {
        using picoseconds = std::chrono::duration<long long, std::pico>;
        REQUIRE(platform::deadline_after(picoseconds(1)) > before);
        REQUIRE(platform::deadline_after(std::chrono::duration<double>(0.5)) >= before + 500ms);
    }
    SECTION("of nothing, or less, is over already") {
        REQUIRE(is_over(platform::deadline_after(0s)));
        REQUIRE(is_over(platform::deadline_after(-1h)));
        REQUIRE(is_over(platform::deadline_after(std::chrono::hours::min())));
        REQUIRE(is_over(platform::deadline_after(std::chrono::duration<double>(-1e300))));
    }
    SECTION("of more than the clock can count is for ever") {
        REQUIRE(platform::deadline_after(platform::clock::duration::max()) == platform::no_deadline);
        REQUIRE(platform::deadline_after(std::chrono::hours::max()) == platform::no_deadline);
        REQUIRE(platform::deadline_after(std::chrono::duration<double>(std::numeric_limits<double>::infinity())) ==
                platform::no_deadline);
    }
}

TEST_CASE("deadline_at") {
    const auto before = platform::clock::now();

    SECTION("takes the time points of other clocks") {
        const auto until = platform::deadline_at(std::chrono::system_clock::now() + 10s);
        REQUIRE(until > before + 9s);
        REQUIRE(until < platform::clock::now() + 11s);
    }
    SECTION("in the past is over already") {
        REQUIRE(is_over(platform::deadline_at(std::chrono::system_clock::now() - 1s)));
        REQUIRE(is_over(platform::deadline_at(std::chrono::system_clock::time_point{})));
    }
    SECTION("takes the first and the last moment of a clock") {
        REQUIRE(is_over(platform::deadline_at(platform::clock::time_point::min())));
        REQUIRE(is_over(platform::deadline_at(std::chrono::system_clock::time_point::min())));
        REQUIRE(platform::deadline_at(platform::clock::time_point::max()) > before + 24h * 365 * 100);
        REQUIRE(platform::deadline_at(std::chrono::time_point<std::chrono::system_clock, std::chrono::hours>::max()) ==
                platform::no_deadline);
        REQUIRE(is_over(platform::deadline_at(std::chrono::time_point<std::chrono::system_clock, std::chrono::hours>::min())));
    }
}
