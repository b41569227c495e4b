#include "support/catch.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/process_id.hpp>

#include <chrono>
#include <thread>

#include <sys/prctl.h>
#include <unistd.h>

namespace platform = multiprocessing::platform;
using namespace std::chrono_literals;

TEST_CASE("current_process_number") {
    REQUIRE(platform::current_process_number() == ::getpid());
    const auto mine = platform::current_process_number();
    REQUIRE(support::run_child([mine] {
                support::expect(platform::current_process_number() == ::getpid());
                support::expect(platform::current_process_number() != mine);
            }) == 0);
}

TEST_CASE("process_start_time") {
    const auto me = platform::current_process_number();

    SECTION("stays what it is, and orders parent and child") {
        REQUIRE(platform::process_start_time(me) != 0);
        REQUIRE(platform::process_start_time(me) == platform::process_start_time(me));
        REQUIRE(support::run_child([me] {
                    support::expect(platform::process_start_time(me) <= platform::process_start_time(::getpid()));
                }) == 0);
    }
    SECTION("is found behind a program name that looks like the fields") {
        REQUIRE(support::run_child([] {
                    const auto before = platform::process_start_time(::getpid());
                    ::prctl(PR_SET_NAME, ") S 1 2 (a b) 3");
                    support::expect(before != 0 && platform::process_start_time(::getpid()) == before);
                }) == 0);
    }
    SECTION("is 0 for no process") {
        support::child_process ended([] {});
        const auto number = ended.pid();
        REQUIRE(ended.wait() == 0);
        REQUIRE(platform::process_start_time(number) == 0);
        REQUIRE(platform::process_start_time(-1) == 0);
    }
}

TEST_CASE("current_process_age") {
    const auto age = platform::current_process_age();
    REQUIRE(age >= 0ms);
    REQUIRE(age < 1h);
    std::this_thread::sleep_for(50ms);
    REQUIRE(platform::current_process_age() - age >= 50ms);
    REQUIRE(support::run_child([] {
                // A fork is a process of its own, and this one is new.
                support::expect(platform::current_process_age() < 5s);
            }) == 0);
}

TEST_CASE("identify_process") {
    const auto me = platform::identify_process(platform::current_process_number());
    REQUIRE(me == platform::identify_process(::getpid()));
    REQUIRE_FALSE(me == platform::identify_process(::getppid()));

    platform::process_id later = me; // the same number, given again
    ++later.start_time;
    REQUIRE_FALSE(later == me);
}
