// What parent and children of every start method may rely on with an RLock, also when one of them is killed.
#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <chrono>
#include <mutex>
#include <system_error>
#include <vector>

namespace mp = multiprocessing;
using support::must;
using support::start;
using namespace std::chrono_literals;

namespace {

bool free_for_others(support::start_method method, const mp::RLock& lock) {
    const auto process = start<[](const mp::RLock& theirs) {
        must(theirs.try_lock());
        theirs.unlock();
    }>(method, lock);
    return support::exit_code(process) == 0;
}

mp::Process start_holder(support::start_method method, const mp::RLock& lock, int depth) {
    const support::signal_flag holds(0);
    auto process = start<[](const mp::RLock& theirs, const support::signal_flag& is_held, int levels) {
        for (int i = 0; i < levels; ++i) {
            theirs.lock();
        }
        support::raise(is_held);
        support::stay_alive();
    }>(method, lock, holds, depth);
    support::await(holds);
    return process;
}

} // namespace

TEST_CASE("RLock::lock, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const mp::RLock lock;

    SECTION("excludes") {
        const mp::RawValue<long> unguarded(0);
        const support::signal_flag go(0);
        std::vector<mp::Process> processes;
        for (int i = 0; i < support::processes_at_once; ++i) {
            processes.push_back(start<[](const mp::RLock& theirs, const mp::RawValue<long>& counter, const support::signal_flag& is_go) {
                support::await(is_go);
                for (int n = 0; n < support::changes_by_each / 5; ++n) {
                    const std::scoped_lock held(theirs);
                    const long was = *static_cast<volatile long*>(&*counter);
                    *static_cast<volatile long*>(&*counter) = was + 1;
                }
            }>(method, lock, unguarded, go));
        }
        support::raise(go);
        for (const auto& each : processes) {
            REQUIRE(support::exit_code(each) == 0);
        }
        REQUIRE(*unguarded == long{support::processes_at_once} * (support::changes_by_each / 5));
    }
    SECTION("as often as it likes, by one: free after as many unlocks") {
        const auto process = start<[](const mp::RLock& theirs, support::start_method by) {
            theirs.lock();
            theirs.lock();
            must(theirs.try_lock());
            theirs.unlock();
            theirs.unlock();
            must(!free_for_others(by, theirs));
            theirs.unlock();
            must(free_for_others(by, theirs));
        }>(method, lock, method);
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(lock.try_lock());
        lock.unlock();
    }
}

TEST_CASE("RLock::unlock, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const mp::RLock lock;
    const std::scoped_lock held(lock);
    const auto process = start<[](const mp::RLock& theirs) {
        try {
            theirs.unlock();
        } catch (const std::system_error& error) {
            must(error.code() == std::errc::operation_not_permitted);
            return;
        }
        must(false, "a child gave back what its parent holds");
    }>(method, lock);
    REQUIRE(support::exit_code(process) == 0);
    REQUIRE_FALSE(free_for_others(method, lock));
}

TEST_CASE("RLock::owner_died, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const mp::RLock lock;

    SECTION("is told to the next to have it, whatever the depth was") {
        const auto holder = start_holder(method, lock, 3);
        REQUIRE_FALSE(lock.try_lock());
        holder.kill();
        REQUIRE(support::exit_code(holder) == -9);
        const auto begin = std::chrono::steady_clock::now();
        REQUIRE(lock.try_lock_for(1s));
        REQUIRE(std::chrono::steady_clock::now() - begin < 500ms);
        REQUIRE(lock.owner_died());
        lock.make_consistent();
        REQUIRE_FALSE(lock.owner_died());
        lock.unlock();
        REQUIRE(free_for_others(method, lock)); // one level was enough
    }
    SECTION("the one who ends holding it counts as dead, also by an ordinary end") {
        const auto process = start<[](const mp::RLock& theirs) { theirs.lock(); }>(method, lock);
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(lock.try_lock_for(1s));
        REQUIRE(lock.owner_died());
    }
    SECTION("waiters are not left asleep") {
        for (int i = 0; i < 5; ++i) {
            const auto holder = start_holder(method, lock, 1);
            const support::signal_flag waits(0);
            const mp::RawValue<std::atomic<int>> told(0);
            std::vector<mp::Process> waiters;
            for (int n = 0; n < 3; ++n) {
                waiters.push_back(start<[](const mp::RLock& theirs, const support::signal_flag& is_waiting,
                                           const mp::RawValue<std::atomic<int>>& died) {
                    support::raise(is_waiting);
                    theirs.lock();
                    if (theirs.owner_died()) {
                        ++*died;
                        theirs.make_consistent();
                    }
                    theirs.unlock();
                }>(method, lock, waits, told));
            }
            support::await(waits);
            REQUIRE_FALSE(waiters[0].join_for(50ms)); // long enough to be asleep
            holder.kill();
            for (const auto& each : waiters) {
                REQUIRE(support::exit_code(each) == 0);
            }
            REQUIRE(*told == 1);
            REQUIRE(support::exit_code(holder) == -9);
        }
    }
    SECTION("a waiter that is killed leaves the others theirs") {
        std::unique_lock held(lock);
        const support::signal_flag go(0);
        std::vector<mp::Process> waiters;
        for (int n = 0; n < 4; ++n) {
            waiters.push_back(start<[](const mp::RLock& theirs) { const std::scoped_lock guard(theirs); }>(method, lock));
        }
        REQUIRE_FALSE(waiters[3].join_for(50ms));
        waiters[0].kill();
        waiters[2].kill();
        REQUIRE(support::exit_code(waiters[0]) == -9);
        REQUIRE(support::exit_code(waiters[2]) == -9);
        held.unlock();
        REQUIRE(support::exit_code(waiters[1]) == 0);
        REQUIRE(support::exit_code(waiters[3]) == 0);
        REQUIRE(lock.try_lock());
        REQUIRE_FALSE(lock.owner_died());
        lock.unlock();
    }
}
