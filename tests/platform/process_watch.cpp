#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/process_id.hpp>
#include <multiprocessing/platform/process_watch.hpp>

#include <chrono>
#include <limits>
#include <thread>

namespace platform = multiprocessing::platform;
using namespace std::chrono_literals;

TEST_CASE("process_watch") {
    SECTION("of this process: it lives") {
        const platform::process_watch watch(platform::current_process_number());
        REQUIRE_FALSE(watch.wait_until(platform::clock::now()));
        REQUIRE_FALSE(watch.wait_until(platform::clock::now() - 1h));
    }
    SECTION("of none: it has ended") {
        REQUIRE(platform::process_watch(std::numeric_limits<int>::max()).wait_until(platform::clock::now()));
    }
}

TEST_CASE("process_watch::wait_until") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const auto process = support::start<&support::stay_alive>(method);
    const platform::process_watch watch(process.pid());

    SECTION("is false after the time while it lives") {
        const auto begin = platform::clock::now();
        REQUIRE_FALSE(watch.wait_until(begin + 50ms));
        REQUIRE(platform::clock::now() - begin >= 50ms);
        process.kill();
    }
    SECTION("wakes when it ends, and is true from then on") {
        std::thread killer([&] {
            std::this_thread::sleep_for(20ms); // the watch is asleep by then, or it will see it at once: both are right
            process.kill();
        });
        const bool ended = watch.wait_until(platform::deadline_after(support::start_patience));
        killer.join();
        REQUIRE(ended);
        REQUIRE(watch.wait_until(platform::clock::now()));
        process.join();
        REQUIRE(watch.wait_until(platform::clock::now()));
    }
    SECTION("is true when somebody collected it before") {
        process.kill();
        process.join();
        REQUIRE(watch.wait_until(platform::clock::now()));
        REQUIRE(platform::process_watch(process.pid()).wait_until(platform::clock::now()));
    }
}
