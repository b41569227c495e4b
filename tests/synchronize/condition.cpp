// Taken out once, to see it fail: without the tickets (notify takes the first place there is), "wakes the longest waiting first"; without
// `deaths_settled`, "when a thread dies holding the lock ..."; without passing on in settle, "one who died with its notification ..."; with purpose::use in
// look_after, as it was, "a waiter holds its lock again ...": it came back without the lock, and its place stayed taken. Without giving the
// place up (the end of waiter_table::wait_until), "Condition::wait_for" and "Condition::notify".
#include <multiprocessing/synchronize/condition.hpp>

#include "support/catch.hpp"
#include "support/refusals.hpp"
#include "support/start.hpp"

#include <multiprocessing/robust/owner_died.hpp>
#include <multiprocessing/synchronize/detail/waiter_table.hpp>
#include <multiprocessing/synchronize/lock.hpp>
#include <multiprocessing/synchronize/owner_died_callback.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

static_assert(std::is_copy_constructible_v<mp::Condition> && !std::is_copy_assignable_v<mp::Condition>);

namespace {

std::string printed(const mp::Condition& condition) {
    std::ostringstream text;
    text << condition;
    return text.str();
}

mp::detail::waiter_table& table_of(const mp::Condition& condition) {
    return *reinterpret_cast<mp::detail::waiter_table*>(mp::detail::primitive_access::block(condition).address());
}

/// Who waits has given the lock back. (Not for ever: what is checked next fails, if they are not so many.)
void until_waiting(const mp::Condition& condition, std::size_t count) {
    static_cast<void>(support::soon([&] {
        const std::scoped_lock guard(condition);
        return table_of(condition).waiting_count(mp::detail::primitive_access::places(condition)) == count;
    }));
}

struct crowd {
    /// Threads that wait for so long, one after the other.
    crowd(const mp::Condition& condition, int count, std::chrono::milliseconds wait) {
        for (int i = 0; i < count; ++i) {
            threads.emplace_back([this, &condition, i, wait] {
                const std::scoped_lock guard(condition);
                const bool was = condition.wait_for(wait);
                if (was) {
                    order.push_back(i);
                }
                notified += was;
                ++returned;
            });
            until_waiting(condition, static_cast<std::size_t>(i + 1));
        }
    }
    ~crowd() {
        for (auto& each : threads) {
            each.join();
        }
    }

    std::vector<std::thread> threads;
    std::vector<int> order; // guarded by the condition
    std::atomic<int> notified = 0;
    std::atomic<int> returned = 0;
};

} // namespace

TEST_CASE("Condition::wait") {
    SECTION("by one who does not hold the lock is refused") {
        const mp::Condition condition;
        CHECK(support::refused(std::errc::operation_not_permitted, [&] { condition.wait(); }));
        CHECK(support::refused(std::errc::operation_not_permitted, [&] { static_cast<void>(condition.wait_for(1h)); }));
        CHECK(support::refused(std::errc::operation_not_permitted, [&] { condition.wait([] { return true; }); }));
        CHECK(support::refused(std::errc::operation_not_permitted, [&] { condition.notify(); }));
        CHECK(support::refused(std::errc::operation_not_permitted, [&] { condition.notify_all(); }));
    }
    SECTION("gives back all levels of the lock, and has them again") {
        const mp::RLock lock;
        const mp::Condition condition(lock);
        for (int i = 0; i < 3; ++i) {
            lock.lock();
        }
        std::thread other([&] {
            const std::scoped_lock guard(condition);
            condition.notify();
        });
        CHECK(condition.wait_for(60s));
        other.join();
        for (int i = 0; i < 3; ++i) {
            lock.unlock();
        }
        CHECK(support::refused(std::errc::operation_not_permitted, [&] { lock.unlock(); }));
    }
    SECTION("works with a Lock, and on several conditions of one lock") {
        const mp::Lock lock;
        const mp::Condition first(lock);
        const mp::Condition second(lock);
        std::unique_lock guard(lock);
        std::thread other([&] {
            const std::scoped_lock theirs(second);
            second.notify_all(); // not the one that is waited for
            first.notify();
        });
        CHECK(first.wait_for(60s));
        CHECK(support::refused(std::errc::resource_deadlock_would_occur, [&] { first.lock(); }));
        guard.unlock();
        other.join();
    }
    SECTION("until a predicate holds") {
        const mp::Condition condition;
        int number = 0;
        std::thread other([&] {
            for (int i = 0; i < 5; ++i) {
                const std::scoped_lock guard(condition);
                ++number;
                condition.notify_all();
            }
        });
        {
            const std::scoped_lock guard(condition);
            condition.wait([&] { return number >= 2; });
            CHECK(condition.wait_for([&] { return number >= 3; }));
            CHECK(condition.wait_for(60s, [&] { return number >= 4; }));
            CHECK(condition.wait_for([&] { return number >= 5; }, 60s));
            CHECK(condition.wait_until(std::chrono::system_clock::now() - 1h, [&] { return number == 5; }));
            CHECK_FALSE(condition.wait_for(10ms, [&] { return number == 6; }));
        }
        other.join();
    }
    SECTION("with more than there is room for is refused; the one too many has its lock") {
        const mp::Condition condition(mp::RLock(), 2);
        const crowd two(condition, 2, 60s);
        const std::scoped_lock guard(condition);
        CHECK(support::refused(std::errc::resource_unavailable_try_again, [&] { condition.wait(); }));
        condition.notify_all();
    }
    CHECK_THROWS_AS(mp::Condition(mp::RLock(), 0), std::invalid_argument);
    CHECK_THROWS_AS(mp::Condition(mp::RLock(), -3), std::invalid_argument);
    CHECK_THROWS_AS(mp::Condition(mp::RLock(), 4097), std::invalid_argument);
}

TEST_CASE("Condition::wait_for") {
    const mp::Condition condition;
    const std::scoped_lock guard(condition);
    for (const auto wait : {0ms, 1ms, 60ms}) {
        const auto begin = std::chrono::steady_clock::now();
        CHECK_FALSE(condition.wait_for(wait));
        CHECK(std::chrono::steady_clock::now() - begin >= wait);
    }
    CHECK_FALSE(condition.wait_until(std::chrono::system_clock::now() - 1h));
    CHECK(printed(condition) == "<Condition(<RLock(ThisThread, 1)>, 0)>"); // nothing is left of those who gave up
}

TEST_CASE("Condition::notify") {
    const mp::Condition condition;

    SECTION("wakes exactly as many as it says, the longest waiting first") {
        crowd five(condition, 5, 60s);
        CHECK(printed(condition) == "<Condition(<RLock(None, 0)>, 5)>");
        for (const int count : {0, 1, 2}) {
            {
                const std::scoped_lock guard(condition);
                condition.notify(count);
            }
            const int expected = std::vector{0, 1, 3}[static_cast<std::size_t>(count)];
            CHECK(support::soon([&] { return five.returned == expected; }));
            std::this_thread::sleep_for(40ms); // two slices in which nobody else returns
            CHECK(five.returned == expected);
        }
        const std::scoped_lock guard(condition);
        condition.notify_all();
        CHECK(five.order.front() == 0);
        CHECK(std::vector(five.order.begin() + 1, five.order.end()).size() == 2);
        CHECK(five.order[1] + five.order[2] == 3);
    }
    SECTION("wakes the longest waiting first, whatever place in the table is free for those who come later") {
        crowd two(condition, 2, 60s);
        {
            const std::scoped_lock guard(condition);
            condition.notify();
        }
        CHECK(support::soon([&] { return two.returned == 1; }));
        std::atomic<bool> late_returned = false;
        std::thread late([&] {
            const std::scoped_lock guard(condition);
            condition.wait_for(60s);
            late_returned = true;
        });
        until_waiting(condition, 2);
        {
            const std::scoped_lock guard(condition);
            condition.notify();
        }
        CHECK(support::soon([&] { return two.returned == 2; }));
        CHECK(two.notified == 2);
        CHECK_FALSE(late_returned);
        {
            const std::scoped_lock guard(condition);
            condition.notify();
        }
        late.join();
    }
    SECTION("before anybody waits is forgotten, and so is what is left over") {
        const std::scoped_lock guard(condition);
        condition.notify(100);
        condition.notify_all();
        CHECK_FALSE(condition.wait_for(5ms));
    }
    SECTION("is not used up by those whose time was over") {
        for (int i = 0; i < 3; ++i) {
            CHECK_FALSE(std::async(std::launch::async, [&] {
                            const std::scoped_lock guard(condition);
                            return condition.wait_for(1ms);
                        }).get());
        }
        crowd one(condition, 1, 60s);
        {
            const std::scoped_lock guard(condition);
            condition.notify();
        }
        one.threads.front().join();
        one.threads.clear();
        CHECK(one.notified == 1);
    }
    CHECK_THROWS_AS((condition.lock(), condition.notify(-1)), std::invalid_argument);
    condition.unlock();
}

TEST_CASE("Condition: when a thread dies holding the lock, all who wait are told") {
    const mp::RLock lock;
    const mp::Condition condition(lock);
    const mp::Condition other(lock);
    crowd three(condition, 3, 60s);
    crowd two(other, 2, 60s);
    const auto begin = std::chrono::steady_clock::now();
    std::thread([&] { lock.lock(); }).join();
    SECTION("by themselves") {}
    SECTION("though another one has taken the lock over, and makes it consistent") {
        const std::scoped_lock guard(lock);
        CHECK(lock.owner_died());
        lock.make_consistent();
    }
    for (auto* each : {&three, &two}) {
        for (auto& thread : each->threads) {
            thread.join();
        }
        each->threads.clear();
    }
    CHECK(three.notified == 3);
    CHECK(two.notified == 2);
    CHECK(std::chrono::steady_clock::now() - begin < 30s);

    const std::scoped_lock guard(condition); // an earlier death tells nobody who comes later
    CHECK_FALSE(condition.wait_for(40ms));
}

TEST_CASE("Condition: a waiter holds its lock again, all levels, when it is told of a death in the way the lock asks for") {
    const mp::RLock lock;
    const mp::Condition condition(lock);
    std::atomic<int> thrown = 0;
    std::atomic<int> repairs = 0;
    std::optional<mp::OwnerDiedCallback> callback;
    int expected_throws = 0;
    int expected_repairs = 0;
    SECTION("by the flag, which is the way of a lock that was not told otherwise") {}
    SECTION("by an exception, each of them") {
        lock.set_owner_died_policy(mp::OwnerDiedPolicy::throw_exception);
        expected_throws = 3;
    }
    SECTION("by a callback, the first of them") {
        callback.emplace(lock, [&] { ++repairs; });
        expected_repairs = 1;
    }
    SECTION("by what the callback throws, or by the error of having given the lock back") {
        callback.emplace(lock, [&] { ++repairs % 2 == 0 ? throw std::domain_error("no repair") : lock.unlock(); });
        expected_throws = expected_repairs = 3;
    }
    std::vector<std::future<bool>> waiters;
    for (int i = 0; i < 3; ++i) {
        waiters.push_back(std::async(std::launch::async, [&] {
            lock.lock();
            lock.lock();
            bool notified = true;
            try {
                notified = condition.wait_for(60s);
            } catch (const std::system_error&) { // OwnerDied
                ++thrown;
            } catch (const std::logic_error&) {
                ++thrown;
            }
            const bool held = mp::detail::lock_access::header(lock).is_owner();
            lock.unlock();
            lock.unlock();
            return notified && held && support::refused(std::errc::operation_not_permitted, [&] { lock.unlock(); });
        }));
        until_waiting(condition, static_cast<std::size_t>(i + 1));
    }
    std::thread([&] { lock.lock(); }).join();
    for (auto& each : waiters) {
        CHECK(each.get());
    }
    CHECK(thrown == expected_throws);
    CHECK(repairs == expected_repairs);
    CHECK(lock.owner_died() == (expected_repairs != 1));
    CHECK(printed(condition) == "<Condition(<RLock(None, 0)>, 0)>"); // nobody's place is left taken
}

TEST_CASE("Condition: one who died with its notification has an heir") {
    const mp::Condition condition;
    crowd two(condition, 2, 60s);
    // The place of a thread that was notified and killed before it had the lock, as it is left: made by hand, since a thread cannot be killed.
    mp::robust::life_id dead;
    std::thread([&] { dead = mp::robust::enrol_this_thread(); }).join();
    auto& table = table_of(condition);
    {
        const std::scoped_lock guard(condition);
        auto* const place = reinterpret_cast<mp::detail::waiter_table::waiter*>(&table + 1) + 2;
        place->state = 2;
        place->id = dead;
        table.high_water = 3;
    }
    CHECK(support::soon([&] { return two.returned != 0; }));
    std::this_thread::sleep_for(40ms);
    REQUIRE(two.notified == 1); // one, and not all
    const std::scoped_lock guard(condition);
    CHECK(two.order.front() == 0);
    condition.notify_all();
}
