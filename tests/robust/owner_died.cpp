// A lock whose owner died: what acquiring calls do under the throwing policy, and repair().
//
// Taken out once, to see it fail: without mutex::give_back before `throw OwnerDied()`, "does not take the lock, whichever call asks" fails; with
// the redo log left to others than the throwing call, "a store under way is completed first"; with purpose::use in RLock::repair, "a try_lock that finds the lock held".

#include "support/catch.hpp"
#include "support/start.hpp"
#include "support/structs.hpp"

#include <multiprocessing/robust/owner_died.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace mp = multiprocessing;
using mp::OwnerDied;
using mp::OwnerDiedPolicy;
using support::must;
using support::start;
using namespace std::chrono_literals;

namespace {

static_assert(std::is_base_of_v<std::system_error, OwnerDied>);

/// A process that takes the lock and is then killed.
void die_holding(support::start_method method, const mp::RLock& lock) {
    const support::signal_flag holds(0);
    const auto process = start<[](const mp::RLock& theirs, const support::signal_flag& is_held) {
        theirs.lock();
        support::raise(is_held);
        support::stay_alive();
    }>(method, lock, holds);
    support::await(holds);
    process.kill();
    process.join();
}

/// A thread that ends with the lock: as dead as a process, and quicker.
void die_holding(const mp::RLock& lock) {
    std::thread([&] { lock.lock(); }).join();
}

bool is_free(const mp::RLock& lock) { return mp::detail::lock_access::header(lock).word == 0; }

} // namespace

TEST_CASE("OwnerDied") {
    try {
        throw OwnerDied();
    } catch (const std::system_error& error) {
        CHECK(error.code() == std::errc::owner_dead);
        CHECK(std::string(error.what()).find("repair()") != std::string::npos);
    }
}

TEST_CASE("OwnerDiedPolicy::recover") {
    const mp::SharedValue<int> counter(7);
    CHECK(counter.get_lock().owner_died_policy() == OwnerDiedPolicy::recover); // of a new lock
    die_holding(counter.get_lock());
    counter += 1;
    CHECK(counter.value() == 8);
    CHECK(counter.get_lock().owner_died());
}

TEST_CASE("OwnerDiedPolicy::throw_exception") {
    const mp::SharedValue<int> counter(7);
    const mp::RLock& lock = counter.get_lock();
    lock.set_owner_died_policy(OwnerDiedPolicy::throw_exception);
    CHECK(lock.owner_died_policy() == OwnerDiedPolicy::throw_exception);

    SECTION("while nobody died all is as ever") {
        counter += 1;
        CHECK(lock.try_lock());
        CHECK(lock.try_lock_for(0s));
        lock.unlock();
        lock.unlock();
        CHECK(counter.value() == 8);
    }
    SECTION("does not take the lock, whichever call asks") {
        const mp::SharedArray<int> array(mp::with_lock(lock), {1, 2, 3});
        const mp::RLock other;
        const std::vector<std::pair<const char*, std::function<void()>>> calls = {
            {"lock", [&] { lock.lock(); }},
            {"try_lock", [&] { static_cast<void>(lock.try_lock()); }},
            {"try_lock_for", [&] { lock.try_lock_for(10s); }},
            {"try_lock_for no time", [&] { lock.try_lock_for(0s); }},
            {"try_lock_until", [&] { lock.try_lock_until(std::chrono::steady_clock::now() + 10s); }},
            {"acquire", [&] { lock.acquire(); }},
            {"acquire without blocking", [&] { lock.acquire(false); }},
            {"acquire with a time-out", [&] { lock.acquire(true, 10s); }},
            {"scoped_lock", [&] { const std::scoped_lock guard(lock); }},
            {"scoped_lock of two", [&] { const std::scoped_lock guard(other, lock); }},
            {"unique_lock", [&] { const std::unique_lock guard(counter, 10s); }},
            {"value", [&] { static_cast<void>(counter.value()); }},
            {"set", [&] { counter.set(1); }},
            {"exchange", [&] { counter.exchange(1); }},
            {"+=", [&] { counter += 1; }},
            {"update", [&] { counter.update([](int& value) { value = 0; }); }},
            {"element", [&] { array[0] = 9; }},
            {"slice", [&] { static_cast<void>(array.slice()); }},
            {"assign_slice", [&] { array.assign_slice(0, 2, std::array{8, 9}); }},
            {"synchronize", [&] { array.synchronize()[0] = 9; }},
            {"output", [&] { std::ostringstream() << array; }},
        };
        die_holding(lock);
        for (const auto& [name, call] : calls) {
            CAPTURE(name);
            CHECK_THROWS_AS(call(), OwnerDied);
            CHECK(is_free(lock));
            CHECK(is_free(other));
            CHECK_THROWS_AS(lock.unlock(), std::system_error);
            CHECK(lock.owner_died());
        }
        CHECK(counter.get_obj().value() == 7);
        CHECK(array.get_obj()[0] == 1);
    }
    SECTION("a try_lock that finds the lock held is false, as ever: its owner may be repairing") {
        die_holding(lock);
        lock.repair([&] {
            std::thread([&] {
                CHECK_FALSE(lock.try_lock());
                CHECK_FALSE(lock.try_lock_for(1ms));
            }).join();
        });
    }
    SECTION("ends with repair()") {
        die_holding(lock);
        CHECK_THROWS_AS(counter += 1, OwnerDied);
        int mended = 0;
        CHECK(lock.repair([&] {
            CHECK(lock.owner_died());
            counter.set(70); // one level more of a lock held: no exception
            ++mended;
        }));
        CHECK(mended == 1);
        CHECK_FALSE(lock.repair([&] { ++mended; })); // somebody else was quicker
        CHECK(mended == 1);
        CHECK(is_free(lock));
        counter += 1;
        CHECK(counter.value() == 71);
    }
    SECTION("does not end with a repair that throws") {
        die_holding(lock);
        CHECK_THROWS_AS(lock.repair([] { throw std::runtime_error("cannot"); }), std::runtime_error);
        CHECK(is_free(lock));
        CHECK(lock.owner_died());
        CHECK_THROWS_AS(lock.lock(), OwnerDied);
    }
    SECTION("is not for one who holds the lock already") {
        lock.set_owner_died_policy(OwnerDiedPolicy::recover);
        die_holding(lock);
        lock.lock();
        lock.set_owner_died_policy(OwnerDiedPolicy::throw_exception);
        counter += 1;
        CHECK(lock.try_lock());
        lock.unlock();
        lock.unlock();
        CHECK_THROWS_AS(counter += 1, OwnerDied);
    }
    SECTION("may be set when an owner has died already, and taken back") {
        lock.set_owner_died_policy(OwnerDiedPolicy::recover);
        die_holding(lock);
        counter += 1;
        lock.set_owner_died_policy(OwnerDiedPolicy::throw_exception);
        CHECK_THROWS_AS(counter += 1, OwnerDied);
        lock.set_owner_died_policy(OwnerDiedPolicy::recover);
        CHECK(lock.owner_died_policy() == OwnerDiedPolicy::recover);
        counter += 1;
        CHECK(counter.value() == 9);
    }
    SECTION("all threads that ask meet it, none is left waiting") {
        std::atomic<int> met = 0;
        {
            std::vector<std::jthread> askers;
            std::atomic<int> asking = 0;
            std::jthread([&] {
                lock.lock();
                for (int i = 0; i < 4; ++i) {
                    askers.emplace_back([&] {
                        ++asking;
                        try {
                            lock.lock();
                            lock.unlock();
                        } catch (const OwnerDied&) {
                            ++met;
                        }
                    });
                }
                while (asking < 4) {
                    std::this_thread::yield();
                }
            }).join(); // ends with the lock
        }
        CHECK(met == 4);
        CHECK(is_free(lock));
    }
}

TEST_CASE("OwnerDiedPolicy::throw_exception, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const mp::SharedValue<int> counter(7);

    SECTION("holds in every process, whoever set it") {
        const auto setter = start<[](const mp::SharedValue<int>& theirs) {
            theirs.get_lock().set_owner_died_policy(OwnerDiedPolicy::throw_exception);
        }>(method, counter);
        REQUIRE(support::exit_code(setter) == 0);
        CHECK(counter.get_lock().owner_died_policy() == OwnerDiedPolicy::throw_exception);

        die_holding(method, counter.get_lock());
        CHECK_THROWS_AS(counter += 1, OwnerDied);
        const auto other = start<[](const mp::SharedValue<int>& theirs) {
            try {
                theirs += 1;
                must(false, "it did not throw");
            } catch (const OwnerDied&) {
            }
            must(theirs.get_lock().repair([&] { theirs += 10; }));
            theirs += 1;
        }>(method, counter);
        REQUIRE(support::exit_code(other) == 0);
        CHECK(counter.value() == 18);
    }
    SECTION("does not end with a repairer who is killed") {
        counter.get_lock().set_owner_died_policy(OwnerDiedPolicy::throw_exception);
        die_holding(method, counter.get_lock());
        const support::signal_flag repairing(0);
        const auto repairer = start<[](const mp::SharedValue<int>& theirs, const support::signal_flag& is_repairing) {
            theirs.get_lock().repair([&] {
                theirs.set(1);
                support::raise(is_repairing);
                support::stay_alive();
            });
        }>(method, counter, repairing);
        support::await(repairing);
        repairer.kill();
        repairer.join();
        CHECK_THROWS_AS(counter += 1, OwnerDied);
        CHECK(counter.get_lock().repair([&] { counter.set(2); }));
        CHECK(counter.value() == 2);
    }
    SECTION("those who sleep on the lock wake up to it") {
        counter.get_lock().set_owner_died_policy(OwnerDiedPolicy::throw_exception);
        const support::signal_flag holds(0);
        const auto owner = start<[](const mp::SharedValue<int>& theirs, const support::signal_flag& is_held) {
            theirs.lock();
            support::raise(is_held);
            support::stay_alive();
        }>(method, counter, holds);
        support::await(holds);
        std::vector<mp::Process> waiters;
        for (int i = 0; i < 3; ++i) {
            waiters.push_back(start<[](const mp::SharedValue<int>& theirs) {
                try {
                    theirs += 1;
                    must(false, "it did not throw");
                } catch (const OwnerDied&) {
                }
            }>(method, counter));
        }
        REQUIRE(support::soon([&] {
            return (mp::detail::lock_access::header(counter.get_lock()).word & mp::robust::mutex::somebody_waits) != 0;
        }));
        owner.kill();
        for (const auto& waiter : waiters) {
            CHECK(support::exit_code(waiter) == 0);
        }
    }
    SECTION("a store under way is completed first") {
        const mp::SharedValue<support::Whole> large(support::numbered<support::Whole>(1));
        large.get_lock().set_owner_died_policy(OwnerDiedPolicy::throw_exception);
        const support::signal_flag ready(0);
        const auto victim = start<[](const mp::SharedValue<support::Whole>& theirs, const support::signal_flag& is_ready) {
            theirs.lock();
            auto& header = mp::detail::lock_access::header(theirs.get_lock());
            const auto next = support::numbered<support::Whole>(2);
            std::memcpy(mp::robust::redo_log::in_block(header, sizeof(header), sizeof(next)).shadow(), &next, sizeof(next));
            header.redo = sizeof(next); // the mark: from here on the new value counts
            support::raise(is_ready);
            support::stay_alive();
        }>(method, large, ready);
        support::await(ready);
        victim.kill();
        victim.join();
        CHECK_THROWS_AS(large.value(), OwnerDied);
        CHECK(large.get_obj().value() == support::numbered<support::Whole>(2));
        CHECK(mp::detail::lock_access::header(large.get_lock()).redo == 0);
    }
}

TEST_CASE("RLock::repair") {
    const mp::RLock lock;

    SECTION("has nothing to do where nobody died") { CHECK_FALSE(lock.repair([] { FAIL("there was nothing to repair"); })); }
    SECTION("works without a policy too, and by one who holds the lock already") {
        die_holding(lock);
        lock.lock();
        CHECK(lock.repair([&] { CHECK(lock.owner_died()); }));
        CHECK_FALSE(lock.owner_died());
        CHECK_FALSE(is_free(lock));
        lock.unlock();
        CHECK(is_free(lock));
    }
    SECTION("is done by one of many") {
        die_holding(lock);
        std::atomic<int> repairs = 0;
        {
            std::vector<std::jthread> repairers;
            for (int i = 0; i < 4; ++i) {
                repairers.emplace_back([&] { lock.repair([&] { ++repairs; }); });
            }
        }
        CHECK(repairs == 1);
    }
}
