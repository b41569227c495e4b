#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/wait_for_any.hpp>

#include <chrono>
#include <span>
#include <vector>

namespace platform = multiprocessing::platform;
namespace mp = multiprocessing;
using namespace std::chrono_literals;

TEST_CASE("wait_for_any") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    SECTION("returns at the deadline when none is ready, also of none at all") {
        const auto process = support::start<&support::stay_alive>(method);
        const std::vector sentinels{process.sentinel()};
        const auto begin = platform::clock::now();
        platform::wait_for_any(std::span<const platform::native_handle>(), begin + 20ms);
        REQUIRE(platform::clock::now() - begin < support::start_patience);
        platform::wait_for_any(sentinels, begin - 1h);
        REQUIRE(process.is_alive());
        process.kill();
    }
    SECTION("returns soon after any of many is ready") {
        std::vector<mp::Process> all;
        std::vector<platform::native_handle> sentinels;
        constexpr std::size_t many = 70; // more than one wait of Windows takes
        for (std::size_t i = 0; i < many; ++i) {
            all.push_back(support::start<&support::stay_alive>(method));
            sentinels.push_back(all.back().sentinel());
        }
        for (const std::size_t which : {many - 1, std::size_t{0}, many / 2}) {
            all[which].kill();
            const auto begin = platform::clock::now();
            while (all[which].is_alive()) {
                platform::wait_for_any(sentinels, platform::deadline_after(support::start_patience));
            }
            REQUIRE(platform::clock::now() - begin < support::start_patience);
            all[which].join();
        }
        for (const auto& each : all) {
            each.kill();
        }
    }
    SECTION("returns soon when one is invalid: the caller is to look by itself") {
        const std::vector sentinels{platform::invalid_native_handle};
        const auto begin = platform::clock::now();
        platform::wait_for_any(sentinels, platform::deadline_after(support::start_patience));
        REQUIRE(platform::clock::now() - begin < 5s);
    }
}
