// Every wait with a time-out ends when its time is up, not before, and at most 100 ms after: on each primitive, as a user calls it.
//
// Taken out once, to see it fail: with the end of the slice in the place of the wait's own (sleeping_slices::sleep without the min), slices of 250 ms
// are late.
#include "support/catch.hpp"
#include "support/waits.hpp"

#include <chrono>

using namespace std::chrono_literals;

TEST_CASE("all time-outs are kept, within 100 ms") {
    using clock_type = std::chrono::steady_clock;
    const support::waits here;
    for (const auto& [name, wait] : here.all) {
        for (const auto time : {0ms, 5ms, 150ms}) {
            CAPTURE(name, time.count());
            // The best of some: another program may have had the processor meanwhile.
            auto late = clock_type::duration::max();
            for (int i = 0; i < 10 && late >= 100ms; ++i) {
                const auto begin = clock_type::now();
                REQUIRE_FALSE(wait(time));
                const auto took = clock_type::now() - begin;
                REQUIRE(took >= time);
                late = took - time;
            }
            CHECK(late < 100ms);
        }
    }
}
