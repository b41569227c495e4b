// A repair that runs by itself in the call that finds the owner dead.
//
// Taken out once, to see it fail: with make_consistent before the callbacks in mutex::face_death, or without give_back after a callback threw, "that
// throws leaves the lock to the next" fails; without the wait in ~OwnerDiedCallback, "is over when its registration is"; with entries left in the table,
// most of them; without the check of levels, "that leaves a level too many or too few".

#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/robust/owner_died.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/synchronize/owner_died_callback.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace mp = multiprocessing;
using mp::OwnerDiedCallback;
using support::must;
using support::start;
using namespace std::chrono_literals;

namespace {

static_assert(!std::is_copy_constructible_v<OwnerDiedCallback> && !std::is_move_constructible_v<OwnerDiedCallback>);

void die_holding(const mp::RLock& lock) {
    std::thread([&] { lock.lock(); }).join(); // a thread that ends with the lock is as dead as a process
}

bool is_free(const mp::RLock& lock) { return mp::detail::lock_access::header(lock).word == 0; }


} // namespace

TEST_CASE("OwnerDiedCallback") {
    const mp::SharedValue<int> counter(7);
    const mp::RLock& lock = counter.get_lock();
    int calls = 0;

    SECTION("is called before the acquiring call returns, whichever it is, and the lock is consistent then") {
        const OwnerDiedCallback repair(lock, [&] {
            CHECK(lock.owner_died());
            std::thread([&] { CHECK_FALSE(lock.try_lock()); }).join(); // held
            counter.set(0);                                          // and to be used as ever
            ++calls;
        });
        counter += 1;
        CHECK(calls == 0); // nobody died
        int deaths = 0;
        const auto meets_the_dead = [&](auto acquire) {
            die_holding(lock);
            acquire();
            CHECK_FALSE(lock.owner_died());
            CHECK(calls == ++deaths);
            lock.unlock();
            CHECK(is_free(lock));
        };
        meets_the_dead([&] { lock.lock(); });
        meets_the_dead([&] { CHECK(lock.try_lock()); });
        meets_the_dead([&] { CHECK(lock.try_lock_for(10s)); });
        meets_the_dead([&] { CHECK(lock.acquire()); });
        die_holding(lock);
        counter += 1;
        CHECK(counter.value() == 1);
        CHECK(calls == 5);
    }
    SECTION("is called for a death before it was registered") {
        die_holding(lock);
        counter += 1;
        const OwnerDiedCallback repair(lock, [&] { ++calls; });
        counter += 1;
        CHECK(calls == 1);
        CHECK_FALSE(lock.owner_died());
    }
    SECTION("goes before the policy") {
        lock.set_owner_died_policy(mp::OwnerDiedPolicy::throw_exception);
        die_holding(lock);
        {
            const OwnerDiedCallback repair(lock, [&] { ++calls; });
            counter += 1;
            CHECK(counter.value() == 8);
        }
        die_holding(lock);
        CHECK_THROWS_AS(counter += 1, mp::OwnerDied);
        CHECK(calls == 1);
    }
    SECTION("that throws leaves the lock to the next, still owner_died") {
        const OwnerDiedCallback repair(lock, [&] {
            const std::scoped_lock deeper(lock);
            if (++calls < 3) {
                throw std::runtime_error("cannot");
            }
        });
        die_holding(lock);
        for (int i = 0; i < 2; ++i) {
            CHECK_THROWS_AS(counter += 1, std::runtime_error);
            CHECK(is_free(lock));
            CHECK(lock.owner_died());
        }
        counter += 1;
        CHECK(counter.value() == 8);
        CHECK_FALSE(lock.owner_died());
    }
    SECTION("that leaves a level too many or too few is told so, and the lock is free and owner_died") {
        std::optional<OwnerDiedCallback> repair;
        SECTION("too many") { repair.emplace(lock, [&] { lock.lock(); }); }
        SECTION("too few") { repair.emplace(lock, [&] { lock.unlock(); }); }
        die_holding(lock);
        CHECK_THROWS_AS(counter += 1, std::logic_error);
        CHECK(is_free(lock));
        CHECK(lock.owner_died());
    }
    SECTION("several are called in the order of registration, until one throws") {
        std::string called;
        bool fails = true;
        const OwnerDiedCallback first(lock, [&] { called += 'a'; });
        const OwnerDiedCallback second(lock, [&] {
            called += 'b';
            if (fails) {
                throw std::runtime_error("cannot");
            }
        });
        const OwnerDiedCallback third(lock, [&] { called += 'c'; });
        die_holding(lock);
        CHECK_THROWS_AS(lock.lock(), std::runtime_error);
        CHECK(called == "ab");
        fails = false;
        lock.lock();
        lock.unlock();
        CHECK(called == "ababc");
    }
    SECTION("is called for its lock alone, and not by repair()") {
        const OwnerDiedCallback repair(lock, [&] { ++calls; });
        const mp::RLock other;
        die_holding(other);
        const std::scoped_lock guard(other);
        die_holding(lock);
        CHECK(lock.repair([] {}));
        CHECK(calls == 0);
    }
    SECTION("is not called any more when its registration is over") {
        std::make_unique<OwnerDiedCallback>(lock, [&] { ++calls; }).reset();
        die_holding(lock);
        counter += 1;
        CHECK(calls == 0);
        CHECK(lock.owner_died());
    }
    SECTION("may end its own registration") {
        std::optional<OwnerDiedCallback> repair;
        repair.emplace(lock, [&] {
            repair.reset();
            ++calls;
        });
        die_holding(lock);
        counter += 1;
        die_holding(lock);
        counter += 1;
        CHECK(calls == 1);
    }
    SECTION("may repair what another lock guards whose owner died, and register others") {
        const mp::SharedValue<int> other(0);
        std::optional<OwnerDiedCallback> of_other;
        const OwnerDiedCallback repair(lock, [&] {
            of_other.emplace(other.get_lock(), [&] { ++calls; });
            other += 1;
        });
        die_holding(lock);
        die_holding(other.get_lock());
        counter += 1;
        CHECK(calls == 1);
        CHECK_FALSE(other.get_lock().owner_died());
    }
    SECTION("keeps its lock") {
        std::optional<mp::RLock> theirs(std::in_place);
        const OwnerDiedCallback repair(*theirs, [&] { ++calls; });
        theirs.reset();
        const mp::RLock next; // not in the same place, or it would have the callback
        die_holding(next);
        const std::scoped_lock guard(next);
        CHECK(calls == 0);
    }
}

TEST_CASE("OwnerDiedCallback, between threads") {
    const mp::SharedValue<long> counter(0);
    const mp::RLock& lock = counter.get_lock();

    SECTION("is called once for each death, by whichever thread is first") {
        std::atomic<int> calls = 0;
        const OwnerDiedCallback repair(lock, [&] { ++calls; });
        constexpr int deaths = 50;
        std::atomic<bool> enough = false;
        {
            std::vector<std::jthread> users;
            for (int i = 0; i < 3; ++i) {
                users.emplace_back([&] {
                    while (!enough) {
                        counter += 1;
                    }
                });
            }
            for (int i = 0; i < deaths; ++i) {
                die_holding(lock);
                counter += 1;
            }
            enough = true;
        }
        CHECK(calls == deaths);
    }
    SECTION("is over when its registration is") {
        for (int round = 0; round < 50; ++round) {
            auto in_callback = std::make_shared<std::atomic<bool>>(false);
            auto over = std::make_shared<std::atomic<bool>>(false);
            auto repair = std::make_unique<OwnerDiedCallback>(lock, [=] {
                *in_callback = true;
                std::this_thread::sleep_for(2ms); // so that the registration ends meanwhile; nothing relies on it
                *over = true;
            });
            die_holding(lock);
            std::jthread user([&] { counter += 1; });
            while (!*in_callback) {
                std::this_thread::yield();
            }
            repair.reset();
            REQUIRE(*over);
        }
    }
}

TEST_CASE("OwnerDiedCallback, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const mp::SharedValue<int> left(100);
    const mp::SharedValue<int> right(mp::with_lock(left.get_lock()), 0); // they sum up to 100

    // A process that is killed between the two halves of a movement.
    const auto killed_half_way = [&] {
        const support::signal_flag half_way(0);
        const auto victim = start<[](const mp::SharedValue<int>& from, const mp::SharedValue<int>& to, const support::signal_flag& reached) {
            const std::scoped_lock guard(from);
            from -= 30;
            support::raise(reached);
            support::stay_alive();
            to += 30;
        }>(method, left, right, half_way);
        support::await(half_way);
        victim.kill();
        victim.join();
    };

    SECTION("repairs what a killed process left") {
        const OwnerDiedCallback repair(left.get_lock(), [&] { right.set(100 - left.value()); });
        killed_half_way();
        CHECK(right.value() == 30);
        CHECK(left.value() == 70);
    }
    SECTION("killed in the callback, the next one runs its own") {
        killed_half_way();
        const support::signal_flag in_callback(0);
        const auto repairer = start<[](const mp::SharedValue<int>& from, const mp::SharedValue<int>& to, const support::signal_flag& reached) {
            const OwnerDiedCallback repair(from.get_lock(), [&] {
                to.set(-1);
                support::raise(reached);
                support::stay_alive();
            });
            static_cast<void>(from.value());
        }>(method, left, right, in_callback);
        support::await(in_callback);
        repairer.kill();
        repairer.join();

        int calls = 0;
        const OwnerDiedCallback repair(left.get_lock(), [&] {
            ++calls;
            right.set(100 - left.value());
        });
        CHECK(right.value() == 30);
        CHECK(calls == 1);
    }
    SECTION("a process that repaired has done so for all") {
        killed_half_way();
        const auto repairer = start<[](const mp::SharedValue<int>& from, const mp::SharedValue<int>& to) {
            const OwnerDiedCallback repair(from.get_lock(), [&] { to.set(100 - from.value()); });
            must(to.value() == 30);
        }>(method, left, right);
        REQUIRE(support::exit_code(repairer) == 0);
        CHECK_FALSE(left.get_lock().owner_died());
        CHECK(right.get_obj().value() == 30);
    }
    SECTION("a forked child has its parent's, a spawned one has none") {
        const OwnerDiedCallback repair(left.get_lock(), [&] { right.set(100 - left.value()); });
        killed_half_way();
        const auto child = start<[](const mp::SharedValue<int>& from, const mp::SharedValue<int>& to, bool forked) {
            must(to.value() == (forked ? 30 : 0));
            must(from.get_lock().owner_died() == !forked);
        }>(method, left, right, method == support::start_method::fork);
        CHECK(support::exit_code(child) == 0);
        CHECK(right.value() == 30);
    }
}
