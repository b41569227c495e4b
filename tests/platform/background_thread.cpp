// A thread that nobody waits for.
#include <multiprocessing/platform/background_thread.hpp>

#include "support/catch.hpp"

#include <atomic>

namespace {

std::atomic<int> runs{0};

} // namespace

TEST_CASE("start_background_thread runs its work beside the caller") {
    multiprocessing::platform::start_background_thread([] {
        runs = 1;
        runs.notify_one();
        runs.wait(1);
        runs = 3;
        runs.notify_one();
    });
    runs.wait(0); // the caller goes on, and the thread is there
    runs = 2;
    runs.notify_one();
    runs.wait(2);
    REQUIRE(runs == 3);
}
