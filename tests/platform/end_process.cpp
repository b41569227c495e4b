#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/platform/end_process.hpp>

#include <cstdlib>
#include <thread>

namespace platform = multiprocessing::platform;

TEST_CASE("end_process_now") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    SECTION("ends the process as if it was killed: no handler runs") {
        const auto process = support::start<[] {
            std::atexit([] { std::_Exit(1); });
            platform::end_process_now();
        }>(method);
        REQUIRE(support::exit_code(process) == -9);
    }
    SECTION("also when another thread calls it") {
        const auto process = support::start<[] {
            std::thread([] { platform::end_process_now(); }).detach();
            support::stay_alive();
        }>(method);
        REQUIRE(support::exit_code(process) == -9);
    }
}
