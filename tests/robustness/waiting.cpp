// Every wait with a time-out ends in time, and costs next to nothing until then: on each primitive, as a user calls it.
//
// Taken out once, to see it fail: with slices of 50 us (sleeping_slices::longest), "costs less than a hundredth of a core".
#include <multiprocessing/synchronize.hpp>

#include <chrono>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <support/catch.hpp>
#include <support/sanitized.hpp>

#include <sys/resource.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;
using wait_of = std::pair<std::string, std::function<bool(std::chrono::milliseconds)>>;

/// Waits that nobody ends: each returns whether it was ended, which it must not be.
struct waits {
    waits() {
        std::thread([this] { // what it holds is not free while it lives
            lock.lock();
            rlock.lock();
            bounded.lock();
            holds.set();
            over.wait();
            lock.unlock();
            rlock.unlock();
            bounded.unlock();
            gone.set();
        }).detach();
        holds.wait();
    }
    ~waits() {
        over.set();
        gone.wait();
    }

    mp::Lock lock;
    mp::RLock rlock;
    mp::BoundedSemaphore bounded;
    mp::Semaphore semaphore{0};
    mp::Event event, holds, over, gone;
    mp::Condition condition;

    std::vector<wait_of> all{
        {"Lock", [this](auto time) { return lock.try_lock_for(time); }},
        {"RLock", [this](auto time) { return rlock.try_lock_for(time); }},
        {"Semaphore", [this](auto time) { return semaphore.try_lock_for(time); }},
        {"BoundedSemaphore", [this](auto time) { return bounded.try_lock_for(time); }},
        {"Event", [this](auto time) { return event.wait_for(time); }},
        {"Condition",
         [this](auto time) {
             const std::scoped_lock guard(condition);
             return condition.wait_for(time);
         }},
        {"Condition, predicate",
         [this](auto time) {
             const std::scoped_lock guard(condition);
             return condition.wait_for(time, [] { return false; });
         }},
        {"Barrier",
         [](auto time) {
             try {
                 mp::Barrier(2).wait_for(time);
             } catch (const mp::BrokenBarrier&) {
                 return false;
             }
             return true;
         }},
    };
};

double seconds_used_by_this_thread() {
    ::rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

} // namespace

TEST_CASE("all time-outs are kept, within 100 ms") {
    const waits here;
    for (const auto& [name, wait] : here.all) {
        for (const auto time : {0ms, 5ms, 150ms}) {
            CAPTURE(name, time.count());
            // The best of some: another program may have had the processor meanwhile.
            auto late = clock_type::duration::max();
            for (int i = 0; i < 10 && late >= 100ms; ++i) {
                const auto begin = clock_type::now();
                REQUIRE_FALSE(wait(time));
                const auto took = clock_type::now() - begin;
                REQUIRE(took >= time);
                late = took - time;
            }
            CHECK(late < 100ms);
        }
    }
}

TEST_CASE("to be asleep costs less than a hundredth of a core") {
    if (sanitized) {
        return;
    }
    const waits here;
    constexpr auto time = 500ms;
    for (const auto& [name, wait] : here.all) {
        CAPTURE(name);
        const double before = seconds_used_by_this_thread();
        REQUIRE_FALSE(wait(time));
        const double part = (seconds_used_by_this_thread() - before) / std::chrono::duration<double>(time).count();
        std::printf("asleep on %s: %.2f %% of a core\n", name.c_str(), 100 * part);
        CHECK(part < 0.01);
    }
}
