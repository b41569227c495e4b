// Taken out once, to see it fail: without lock_handle::is_locked_again (a Lock as recursive as an RLock), every case below that locks twice;
// without asking who the owner is (mutex::unlock), "Lock::unlock".
#include <multiprocessing/synchronize/lock.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include "support/catch.hpp"
#include "support/refusals.hpp"

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <sstream>
#include <system_error>
#include <thread>
#include <type_traits>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

static_assert(std::is_copy_constructible_v<mp::Lock> && !std::is_copy_assignable_v<mp::Lock> && std::is_move_assignable_v<mp::Lock>);

namespace {

/// What it returns when another thread calls it. (The macros of the test are for the thread that runs it.)
template <class Call>
auto elsewhere(Call call) {
    return std::async(std::launch::async, call).get();
}

bool is_free(const mp::Lock& lock) {
    return elsewhere([&] {
        const bool had = lock.try_lock();
        if (had) {
            lock.unlock();
        }
        return had;
    });
}

template <class Object>
std::string printed(const Object& object) {
    std::ostringstream text;
    text << object;
    return text.str();
}

} // namespace

TEST_CASE("handles of one lock are equal") {
    const mp::Lock lock;
    const mp::Lock same = lock;
    CHECK(lock == same);
    CHECK(lock != mp::Lock());
    const mp::RLock recursive;
    CHECK(recursive != lock);
    CHECK(recursive == mp::RLock(recursive));
}

TEST_CASE("Lock::locked") {
    const mp::Lock lock;
    CHECK_FALSE(lock.locked());
    lock.lock();
    CHECK(lock.locked());
    CHECK(elsewhere([&] { return lock.locked(); }));
    lock.unlock();
    CHECK_FALSE(lock.locked());

    std::thread([&] { lock.lock(); }).join(); // and ends with it
    CHECK_FALSE(lock.locked());
    CHECK(lock.try_lock());
    CHECK(lock.owner_died());
    lock.make_consistent();
    lock.unlock();
}

TEST_CASE("Lock::lock") {
    const mp::Lock lock;

    SECTION("excludes others, and not any more when it is given back") {
        lock.lock();
        CHECK_FALSE(is_free(lock));
        lock.unlock();
        CHECK(is_free(lock));
    }
    SECTION("what this thread holds is refused, at once and whatever is called, and nothing is changed") {
        lock.lock();
        CHECK(support::refused(std::errc::resource_deadlock_would_occur, [&] { lock.lock(); }));
        CHECK(support::refused(std::errc::resource_deadlock_would_occur, [&] { lock.acquire(); }));
        CHECK(support::refused(std::errc::resource_deadlock_would_occur, [&] { static_cast<void>(lock.try_lock_for(1h)); }));
        CHECK(support::refused(std::errc::resource_deadlock_would_occur, [&] { lock.acquire(true, 1h); }));
        CHECK_FALSE(lock.try_lock());
        CHECK_FALSE(lock.acquire(false));
        CHECK_FALSE(is_free(lock));
        lock.unlock(); // one level, however often it was tried
        CHECK(is_free(lock));
    }
    SECTION("a copy is the same lock") {
        const mp::Lock copy = lock;
        copy.lock();
        CHECK_FALSE(is_free(lock));
        lock.unlock();
    }
    SECTION("is what the standard's guards take") {
        const mp::Lock other;
        {
            const std::scoped_lock both(lock, other);
            CHECK_FALSE(is_free(other));
        }
        std::unique_lock timed(lock, 1s);
        CHECK(timed.owns_lock());
    }
    SECTION("is what std::condition_variable_any waits with") {
        std::condition_variable_any changed;
        bool is_so = false;
        std::unique_lock guard(lock);
        std::thread other([&] {
            const std::scoped_lock theirs(lock);
            is_so = true;
            changed.notify_one();
        });
        CHECK(changed.wait_for(guard, 60s, [&] { return is_so; }));
        other.join();
    }
}

TEST_CASE("Lock::unlock") {
    const mp::Lock lock;
    CHECK(support::refused(std::errc::operation_not_permitted, [&] { lock.unlock(); }));
    lock.lock();
    CHECK(elsewhere([&] { return support::refused(std::errc::operation_not_permitted, [&] { lock.release(); }); }));
    CHECK_FALSE(is_free(lock));
    lock.release();
}

TEST_CASE("Lock::try_lock_for") {
    const mp::Lock lock;
    lock.lock();
    const auto begin = std::chrono::steady_clock::now();
    CHECK_FALSE(elsewhere([&] { return lock.try_lock_for(40ms); }));
    CHECK(std::chrono::steady_clock::now() - begin >= 40ms);
    CHECK_FALSE(elsewhere([&] { return lock.try_lock_for(-1h); }));
    CHECK_FALSE(elsewhere([&] { return lock.try_lock_until(std::chrono::system_clock::now()); }));
    CHECK_FALSE(elsewhere([&] { return lock.acquire(true, 0s); }));
    CHECK_FALSE(elsewhere([&] { return lock.acquire(false, 1h); })); // without blocking the time-out is ignored
    lock.unlock();
}

TEST_CASE("Lock::owner_died") {
    const mp::Lock lock;
    std::thread([&] { lock.lock(); }).join();
    CHECK(lock.try_lock());
    CHECK(lock.owner_died());
    lock.make_consistent();
    CHECK_FALSE(lock.owner_died());
    lock.unlock();
    CHECK(support::refused(std::errc::operation_not_permitted, [&] { lock.make_consistent(); }));
}

TEST_CASE("Lock: printed as Python prints it") {
    const mp::Lock lock;
    CHECK(printed(lock) == "<Lock(owner=None)>");
    lock.lock();
    CHECK(printed(lock) == "<Lock(owner=ThisThread)>");
    CHECK(elsewhere([&] { return printed(lock); }) == "<Lock(owner=SomeOtherThread)>");
    lock.unlock();
}
