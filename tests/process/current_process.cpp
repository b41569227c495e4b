#include "support/catch.hpp"
#include "support/run.hpp"
#include "support/start.hpp"

#include <multiprocessing/process/current_process.hpp>

#include <csignal>
#include <thread>

#include <unistd.h>

namespace mp = multiprocessing;

TEST_CASE("current_process") {
    REQUIRE(mp::current_process().name() == "MainProcess");
    REQUIRE(mp::current_process().pid() == ::getpid());
    REQUIRE_FALSE(mp::current_process().daemon());
}

TEST_CASE("parent_process") {
    SECTION("is empty in a process that the library did not make, and in its raw forks") {
        REQUIRE_FALSE(mp::parent_process());
        REQUIRE(support::run_child([] { support::expect(!mp::parent_process()); }) == 0);
    }
    SECTION("has ended as soon as it is a zombie") {
        const mp::RawValue<std::atomic<int>> seen(0);
        const support::signal_flag ready(0);
        support::child_process parent([&] {
            const auto child = mp::fork([&] {
                support::raise(ready);
                mp::parent_process()->join();
                *seen = mp::parent_process()->is_alive() ? -1 : 1;
            });
            support::stay_alive();
        });
        support::await(ready);
        parent.send(SIGKILL); // and nobody waits for it yet
        REQUIRE(support::soon([&] { return *seen != 0; }));
        REQUIRE(*seen == 1);
    }
}

TEST_CASE("active_children") {
    SECTION("collects those that have ended") {
        auto process = mp::fork([] {});
        const auto pid = static_cast<::pid_t>(process.pid());
        REQUIRE(support::eventually([&] { return support::state_of(pid) == 'Z'; }));
        REQUIRE(mp::active_children().empty());
        REQUIRE(support::state_of(pid) == '\0');
        REQUIRE(process.exitcode() == 0);
    }
    SECTION("are not those of the process that made this one") {
        const support::signal_flag go(0);
        auto process = mp::fork([&] { support::await(go); });
        REQUIRE(support::run_child([] { support::expect(mp::active_children().empty()); }) == 0);
        REQUIRE(mp::active_children().size() == 1);
        support::raise(go);
    }
    SECTION("may be asked while other threads start, close and drop processes") {
        std::atomic<bool> enough{false};
        std::thread asks([&] {
            while (!enough) {
                for (const auto& each : mp::active_children()) {
                    static_cast<void>(each.name());
                }
            }
        });
        for (int i = 0; i < 100; ++i) {
            auto process = mp::fork([] {});
            process.join();
            process.close();
        }
        enough = true;
        asks.join();
        REQUIRE(mp::active_children().empty());
    }
}

TEST_CASE("cpu_count") { REQUIRE(mp::cpu_count() >= 1); }
