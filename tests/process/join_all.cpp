#include "support/catch.hpp"
#include "support/run.hpp"
#include "support/start.hpp"

#include <multiprocessing/process/current_process.hpp>
#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/process/join_all.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

TEST_CASE("join_all waits for all, and names each that failed") {
    std::vector<mp::Process> workers;
    SECTION("none") {
        mp::join_all(workers);
        CHECK(mp::join_all(workers, 0s));
    }
    SECTION("all ended well") {
        for (int i = 0; i < 3; ++i) {
            workers.push_back(mp::fork([] {}));
        }
        mp::join_all(workers);
        for (const auto& each : workers) {
            CHECK(each.exitcode() == 0);
        }
        CHECK(mp::join_all(mp::active_children(), 0s)); // none is left
    }
    SECTION("two failed, the first among them: the rest is waited for all the same") {
        workers.push_back(mp::fork({.name = "one"}, [] { std::exit(3); }));
        workers.push_back(mp::fork({.name = "two"}, [] { std::raise(SIGKILL); }));
        workers.push_back(mp::fork({.name = "three"}, [] { ::usleep(20'000); })); // so that it ends last, most likely; it holds also when it does not
        std::vector<mp::Process*> addresses;
        for (auto& each : workers) {
            addresses.push_back(&each);
        }
        try {
            mp::join_all(addresses);
            FAIL("nothing was thrown");
        } catch (const mp::ChildFailed& failed) {
            REQUIRE(failed.failures().size() == 2);
            CHECK(failed.failures()[0].name == "one");
            CHECK(failed.failures()[0].exitcode == 3);
            CHECK(failed.failures()[0].pid == workers[0].pid());
            CHECK(failed.failures()[1].exitcode == -SIGKILL);
            CHECK(failed.what() == "multiprocessing: 2 of 3 children failed: one (pid " + std::to_string(workers[0].pid()) +
                                       ") ended with exit code 3; two (pid " + std::to_string(workers[1].pid()) + ") was ended by signal 9, Killed");
        }
        CHECK(workers[2].exitcode() == 0);
    }
    SECTION("one goes on") {
        workers.push_back(mp::fork(support::stay_alive));
        workers.push_back(mp::fork([] {}));
        CHECK_FALSE(mp::join_all(workers, 50ms));
        workers[0].kill();
        CHECK_THROWS_AS(mp::join_all(workers), mp::ChildFailed);
    }
    SECTION("one is closed") {
        workers.push_back(mp::fork([] {}));
        workers[0].join();
        workers[0].close();
        CHECK_THROWS_AS(mp::join_all(workers), std::logic_error);
    }
}
