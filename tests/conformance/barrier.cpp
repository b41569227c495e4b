// What parent and children of every start method may rely on with a Barrier.
#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/synchronize/barrier.hpp>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <vector>

namespace mp = multiprocessing;
using support::must;
using support::start;
using namespace std::chrono_literals;

namespace {

using counter = mp::RawValue<std::atomic<int>>;

mp::Process start_party(support::start_method method, const mp::Barrier& barrier, const counter& broken) {
    return start<[](const mp::Barrier& theirs, const counter& is_broken) {
        try {
            theirs.wait_for(30s);
        } catch (const mp::BrokenBarrier&) {
            ++*is_broken;
        }
    }>(method, barrier, broken);
}

} // namespace

TEST_CASE("Barrier, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    SECTION("keeps five in step for 1,000 passes, of which each has one 0") {
        constexpr int parties = 5;
        constexpr int passes = 1000;
        const mp::Barrier barrier(parties);
        const mp::RawArray<std::atomic<int>> arrived(passes);
        const mp::RawArray<std::atomic<int>> numbers(passes);
        std::vector<mp::Process> processes;
        for (int i = 0; i < parties; ++i) {
            processes.push_back(start<[](const mp::Barrier& theirs, const mp::RawArray<std::atomic<int>>& have_arrived,
                                         const mp::RawArray<std::atomic<int>>& given) {
                for (std::size_t pass = 0; pass < passes; ++pass) {
                    ++have_arrived[pass];
                    given[pass] += 1 << theirs.wait_for(30s);
                    must(have_arrived[pass] == parties, "one went on before all had arrived");
                }
            }>(method, barrier, arrived, numbers));
        }
        for (const auto& each : processes) {
            REQUIRE(support::exit_code(each) == 0);
        }
        for (std::size_t pass = 0; pass < passes; ++pass) {
            REQUIRE(numbers[pass] == (1 << parties) - 1);
        }
    }
    SECTION("is broken for all by abort and by reset, and usable again") {
        const mp::Barrier barrier(3);
        const counter broken(0);
        for (const bool by_abort : {true, false}) {
            *broken = 0;
            const auto first = start_party(method, barrier, broken);
            const auto second = start_party(method, barrier, broken);
            REQUIRE(support::soon([&] { return barrier.n_waiting() == 2; }));
            by_abort ? barrier.abort() : barrier.reset();
            REQUIRE(support::exit_code(first) == 0);
            REQUIRE(support::exit_code(second) == 0);
            REQUIRE(*broken == 2);
            REQUIRE(barrier.broken() == by_abort);
            barrier.reset();
        }
        *broken = 0;
        const auto first = start_party(method, barrier, broken);
        const auto second = start_party(method, barrier, broken);
        barrier.wait_for(30s);
        REQUIRE(support::exit_code(first) == 0);
        REQUIRE(support::exit_code(second) == 0);
        REQUIRE(*broken == 0);
    }
    SECTION("is broken by a party that is killed while it waits") {
        const mp::Barrier barrier(4);
        const counter broken(0);
        const auto killed = start_party(method, barrier, broken);
        const auto first = start_party(method, barrier, broken);
        const auto second = start_party(method, barrier, broken);
        REQUIRE(support::soon([&] { return barrier.n_waiting() == 3; }));
        killed.kill();
        REQUIRE(support::exit_code(first) == 0);
        REQUIRE(support::exit_code(second) == 0);
        REQUIRE(*broken == 2);
        REQUIRE(barrier.broken());
        REQUIRE(support::exit_code(killed) == -9);
    }
}

TEST_CASE("Barrier: its action does not travel to a spawned process") {
    const mp::Barrier barrier(1, [] {});
    REQUIRE_THROWS_AS((mp::spawn<[](const mp::Barrier&) {}>(barrier)), std::invalid_argument);
    const mp::Barrier plain(1);
    const counter calls(0);
    const auto process = mp::spawn<[](const mp::Barrier& theirs, const counter& called) {
        mp::Barrier(theirs, [&] { ++*called; }).wait();
    }>(plain, calls);
    REQUIRE(support::exit_code(process) == 0);
    REQUIRE(*calls == 1);
}
