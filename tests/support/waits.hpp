#pragma once

#include <multiprocessing/synchronize.hpp>

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

/// \file
/// Waits with a time-out on each primitive, as a user calls them, that nobody ends. Free of any system's own calls.

namespace support {

namespace mp = multiprocessing;

using wait_of = std::pair<std::string, std::function<bool(std::chrono::milliseconds)>>;

/// Each returns whether it was ended, which it must not be.
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
    waits(const waits&) = delete;
    waits& operator=(const waits&) = delete;

    mp::Lock lock;
    mp::RLock rlock;
    mp::BoundedSemaphore bounded;
    mp::Semaphore semaphore{0};
    mp::Event event, holds, over, gone;
    mp::Condition condition;

    [[nodiscard]] static bool passes(const mp::Barrier& barrier, auto wait) {
        try {
            wait(barrier);
        } catch (const mp::BrokenBarrier&) {
            return false;
        }
        return true;
    }

    std::vector<wait_of> all{
        {"Lock", [this](auto time) { return lock.try_lock_for(time); }},
        {"Lock, until", [this](auto time) { return lock.try_lock_until(std::chrono::steady_clock::now() + time); }},
        {"RLock", [this](auto time) { return rlock.try_lock_for(time); }},
        {"Semaphore", [this](auto time) { return semaphore.try_lock_for(time); }},
        {"Semaphore, until", [this](auto time) { return semaphore.try_lock_until(std::chrono::steady_clock::now() + time); }},
        {"BoundedSemaphore", [this](auto time) { return bounded.try_lock_for(time); }},
        {"Event", [this](auto time) { return event.wait_for(time); }},
        {"Event, until", [this](auto time) { return event.wait_until(std::chrono::steady_clock::now() + time); }},
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
        {"Barrier", [](auto time) { return passes(mp::Barrier(2), [&](const mp::Barrier& barrier) { barrier.wait_for(time); }); }},
        {"Barrier, its own time-out", [](auto time) { return passes(mp::Barrier(2, {}, time), [](const mp::Barrier& barrier) { barrier.wait(); }); }},
    };
};

} // namespace support
