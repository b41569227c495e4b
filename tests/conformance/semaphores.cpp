// What parent and children of every start method may rely on with a Semaphore and a BoundedSemaphore, also when one of them is killed.
#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/synchronize/bounded_semaphore.hpp>
#include <multiprocessing/synchronize/semaphore.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <vector>

namespace mp = multiprocessing;
using support::must;
using support::start;
using namespace std::chrono_literals;

namespace {

/// Four processes, two permits: never three of them inside.
template <class Semaphore>
void check_that_it_excludes(support::start_method method, const Semaphore& semaphore) {
    const mp::RawValue<std::atomic<int>> inside(0);
    std::vector<mp::Process> processes;
    for (int i = 0; i < 4; ++i) {
        processes.push_back(start<[](const Semaphore& theirs, const mp::RawValue<std::atomic<int>>& are_inside) {
            for (int n = 0; n < 3'000; ++n) {
                const std::scoped_lock guard(theirs);
                must(++*are_inside <= 2);
                --*are_inside;
            }
        }>(method, semaphore, inside));
    }
    for (const auto& each : processes) {
        REQUIRE(support::exit_code(each) == 0);
    }
    REQUIRE(semaphore.value() == 2);
}

/// Processes that wait for permits, some of which are killed: the others have theirs.
template <class Semaphore>
void check_killed_waiters(support::start_method method, const Semaphore& semaphore) {
    const mp::RawValue<std::atomic<int>> waiting(0);
    const mp::Semaphore over(0);
    std::vector<mp::Process> processes;
    for (int i = 0; i < 4; ++i) {
        processes.push_back(start<[](const Semaphore& theirs, const mp::RawValue<std::atomic<int>>& are_waiting, const mp::Semaphore& may_end) {
            ++*are_waiting;
            must(theirs.try_lock_for(30s));
            must(may_end.try_lock_for(30s));
        }>(method, semaphore, waiting, over));
    }
    REQUIRE(support::soon([&] { return *waiting == 4; }));
    REQUIRE_FALSE(processes[3].join_for(40ms)); // long enough to be asleep
    processes[0].kill();
    processes[1].kill();
    semaphore.release();
    semaphore.release();
    over.release(2);
    REQUIRE(support::exit_code(processes[2]) == 0);
    REQUIRE(support::exit_code(processes[3]) == 0);
}

} // namespace

TEST_CASE("Semaphore, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    SECTION("lets in as many as there are permits") { check_that_it_excludes(method, mp::Semaphore(2)); }
    SECTION("a waiter that is killed swallows nothing for good") { check_killed_waiters(method, mp::Semaphore(0)); }
    SECTION("hands over from one process to another") {
        const mp::Semaphore filled(0);
        const mp::Semaphore emptied(1);
        const auto process = start<[](const mp::Semaphore& is_filled, const mp::Semaphore& is_emptied) {
            for (int i = 0; i < 300; ++i) {
                must(is_filled.try_lock_for(20s));
                is_emptied.release();
            }
        }>(method, filled, emptied);
        for (int i = 0; i < 300; ++i) {
            REQUIRE(emptied.try_lock_for(20s));
            filled.release();
        }
        REQUIRE(support::exit_code(process) == 0);
    }
}

TEST_CASE("BoundedSemaphore, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    SECTION("lets in as many as there are permits") { check_that_it_excludes(method, mp::BoundedSemaphore(2)); }
    SECTION("a waiter that is killed swallows nothing for good") {
        const mp::BoundedSemaphore semaphore(2);
        semaphore.acquire();
        semaphore.acquire();
        check_killed_waiters(method, semaphore);
        REQUIRE(semaphore.value() == 2);
    }
    SECTION("the permits of one who is killed come back, also to one who sleeps") {
        const mp::BoundedSemaphore semaphore(2);
        const support::signal_flag has(0);
        const auto holder = start<[](const mp::BoundedSemaphore& theirs, const support::signal_flag& is_had) {
            theirs.acquire();
            theirs.acquire();
            support::raise(is_had);
            support::stay_alive();
        }>(method, semaphore, has);
        support::await(has);
        REQUIRE(semaphore.value() == 0);
        const auto waiter = start<[](const mp::BoundedSemaphore& theirs) {
            must(theirs.try_lock_for(30s));
            must(theirs.try_lock_for(30s));
            must(!theirs.try_lock());
        }>(method, semaphore);
        REQUIRE_FALSE(waiter.join_for(100ms));
        holder.kill();
        REQUIRE(support::exit_code(waiter) == 0);
        REQUIRE(support::exit_code(holder) == -9);
        REQUIRE(semaphore.value() == 2);
    }
}
