// What parent and children of every start method may rely on with an Event.
#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/synchronize/event.hpp>

#include <atomic>
#include <chrono>
#include <vector>

namespace mp = multiprocessing;
using support::must;
using support::start;
using namespace std::chrono_literals;

TEST_CASE("Event, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const mp::Event event;

    SECTION("wakes all who wait, in all processes") {
        const mp::RawValue<std::atomic<int>> waiting(0);
        const mp::RawValue<std::atomic<int>> woken(0);
        std::vector<mp::Process> processes;
        for (int i = 0; i < 4; ++i) {
            processes.push_back(start<[](const mp::Event& theirs, const mp::RawValue<std::atomic<int>>& is_waiting,
                                         const mp::RawValue<std::atomic<int>>& is_woken) {
                ++*is_waiting;
                theirs.wait();
                ++*is_woken;
            }>(method, event, waiting, woken));
        }
        REQUIRE(support::soon([&] { return *waiting == 4; }));
        REQUIRE_FALSE(processes[0].join_for(40ms));
        REQUIRE(*woken == 0);
        event.set();
        for (const auto& each : processes) {
            REQUIRE(support::exit_code(each) == 0);
        }
        REQUIRE(*woken == 4);
    }
    SECTION("goes to and fro, each time at once") {
        const mp::Event answer;
        const auto process = start<[](const mp::Event& ask, const mp::Event& reply) {
            for (int i = 0; i < 200; ++i) {
                must(ask.wait_for(20s));
                ask.clear();
                reply.set();
            }
        }>(method, event, answer);
        for (int i = 0; i < 200; ++i) {
            event.set();
            REQUIRE(answer.wait_for(20s));
            answer.clear();
        }
        REQUIRE(support::exit_code(process) == 0);
    }
    SECTION("setting it waits for nobody, though those who waited were killed") {
        std::vector<mp::Process> processes;
        const mp::RawValue<std::atomic<int>> waiting(0);
        for (int i = 0; i < 3; ++i) {
            processes.push_back(start<[](const mp::Event& theirs, const mp::RawValue<std::atomic<int>>& is_waiting) {
                ++*is_waiting;
                theirs.wait();
            }>(method, event, waiting));
        }
        REQUIRE(support::soon([&] { return *waiting == 3; }));
        REQUIRE_FALSE(processes[2].join_for(40ms));
        processes[0].kill();
        processes[1].kill();
        const auto begin = std::chrono::steady_clock::now();
        event.set();
        REQUIRE(std::chrono::steady_clock::now() - begin < 2s);
        REQUIRE(support::exit_code(processes[2]) == 0);
    }
    SECTION("times out when it should") {
        const auto process = start<[](const mp::Event& theirs) {
            const auto begin = std::chrono::steady_clock::now();
            must(!theirs.wait_for(50ms));
            must(std::chrono::steady_clock::now() - begin >= 50ms);
            must(std::chrono::steady_clock::now() - begin < 5s); // how near, tests/robustness/waiting.cpp measures
        }>(method, event);
        REQUIRE(support::exit_code(process) == 0);
    }
}
