// What parent and children of every start method may rely on with a Lock.
#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/synchronize/lock.hpp>

#include <chrono>
#include <mutex>
#include <system_error>
#include <vector>

namespace mp = multiprocessing;
using support::must;
using support::start;
using namespace std::chrono_literals;

TEST_CASE("Lock, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const mp::Lock lock;

    SECTION("excludes") {
        const mp::RawValue<long> unguarded(0);
        std::vector<mp::Process> processes;
        for (int i = 0; i < 4; ++i) {
            processes.push_back(start<[](const mp::Lock& theirs, const mp::RawValue<long>& counter) {
                for (int n = 0; n < support::changes_by_each / 5; ++n) {
                    const std::scoped_lock held(theirs);
                    const long was = *static_cast<volatile long*>(&*counter);
                    *static_cast<volatile long*>(&*counter) = was + 1;
                }
            }>(method, lock, unguarded));
        }
        for (const auto& each : processes) {
            REQUIRE(support::exit_code(each) == 0);
        }
        REQUIRE(*unguarded == 4L * (support::changes_by_each / 5));
    }
    SECTION("is of one owner, and is still not recursive in another process") {
        const std::scoped_lock held(lock);
        const auto process = start<[](const mp::Lock& theirs, const mp::Lock& other) {
            try {
                theirs.unlock();
                must(false, "a child gave back what its parent holds");
            } catch (const std::system_error& error) {
                must(error.code() == std::errc::operation_not_permitted);
            }
            must(!theirs.try_lock_for(20ms));
            other.lock();
            must(!other.try_lock());
            try {
                other.lock();
                must(false, "a Lock was locked twice");
            } catch (const std::system_error& error) {
                must(error.code() == std::errc::resource_deadlock_would_occur);
            }
            other.unlock();
        }>(method, lock, mp::Lock());
        REQUIRE(support::exit_code(process) == 0);
    }
    SECTION("of one who is killed is the next one's") {
        const support::signal_flag holds(0);
        const auto holder = start<[](const mp::Lock& theirs, const support::signal_flag& is_held) {
            theirs.lock();
            support::raise(is_held);
            support::stay_alive();
        }>(method, lock, holds);
        support::await(holds);
        REQUIRE_FALSE(lock.try_lock());
        holder.kill();
        REQUIRE(lock.try_lock_for(20s));
        REQUIRE(lock.owner_died());
        lock.make_consistent();
        lock.unlock();
    }
}
