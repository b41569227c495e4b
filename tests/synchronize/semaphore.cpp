// Taken out once, to see it fail: with a plain store in the place of the compare-exchange (semaphore_state::try_take), "no permit is lost or
// doubled".
#include <multiprocessing/synchronize/semaphore.hpp>

#include "support/catch.hpp"

#include <atomic>
#include <chrono>
#include <limits>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

static_assert(std::is_copy_constructible_v<mp::Semaphore> && !std::is_copy_assignable_v<mp::Semaphore>);
static_assert(!std::is_constructible_v<mp::Semaphore, double>);

TEST_CASE("Semaphore: its permits") {
    CHECK(mp::Semaphore().value() == 1);
    CHECK(mp::Semaphore(0).value() == 0);
    CHECK(mp::Semaphore(2147483647).value() == 2147483647);
    CHECK_THROWS_AS(mp::Semaphore(-1), std::invalid_argument);
    CHECK_THROWS_AS(mp::Semaphore(2147483648u), std::invalid_argument);
    CHECK_THROWS_AS(mp::Semaphore(std::numeric_limits<std::uint64_t>::max()), std::invalid_argument);
    CHECK_THROWS_AS(mp::Semaphore(std::numeric_limits<std::int64_t>::min()), std::invalid_argument);
}

TEST_CASE("Semaphore::acquire") {
    const mp::Semaphore semaphore(2);

    SECTION("takes one at a time") {
        CHECK(semaphore.acquire());
        CHECK(semaphore.value() == 1);
        CHECK(semaphore.acquire(false));
        CHECK_FALSE(semaphore.acquire(false));
        CHECK_FALSE(semaphore.try_lock());
        CHECK_FALSE(semaphore.acquire(false, 1h));
        CHECK_FALSE(semaphore.acquire(true, -1s));
        CHECK(semaphore.value() == 0);
    }
    SECTION("is what the standard's guards do") {
        {
            const std::scoped_lock guard(semaphore);
            const std::unique_lock timed(semaphore, 1s);
            CHECK(timed.owns_lock());
            CHECK(semaphore.value() == 0);
        }
        CHECK(semaphore.value() == 2);
    }
    SECTION("times out, not before its time") {
        const mp::Semaphore none(0);
        const auto begin = std::chrono::steady_clock::now();
        CHECK_FALSE(none.try_lock_for(60ms));
        CHECK(std::chrono::steady_clock::now() - begin >= 60ms);
        CHECK_FALSE(none.try_lock_until(std::chrono::system_clock::now() + 2ms));
    }
}

TEST_CASE("Semaphore::release") {
    SECTION("is anybody's to call, and may give several") {
        const mp::Semaphore semaphore(0);
        semaphore.release();
        semaphore.release(3);
        CHECK(semaphore.value() == 4);
        CHECK_THROWS_AS(semaphore.release(0), std::invalid_argument);
        CHECK_THROWS_AS(semaphore.release(-1), std::invalid_argument);
        CHECK(semaphore.value() == 4);
    }
    SECTION("beyond the greatest number is refused, and nothing is changed") {
        const mp::Semaphore semaphore(2147483645);
        try {
            semaphore.release(3);
            FAIL("it took too many");
        } catch (const std::system_error& error) {
            CHECK(error.code() == std::errc::operation_not_permitted);
        }
        CHECK(semaphore.value() == 2147483645);
        semaphore.release(2);
        CHECK_THROWS_AS(semaphore.release(), std::system_error);
    }
    SECTION("releases in a row wake as many as sleep") {
        for (const bool at_once : {false, true}) {
            const mp::Semaphore semaphore(0);
            std::atomic<int> running = 0;
            std::atomic<int> had = 0;
            std::vector<std::thread> threads;
            for (int i = 0; i < 6; ++i) {
                threads.emplace_back([&] {
                    ++running;
                    had += semaphore.try_lock_for(60s);
                });
            }
            while (running != 6) {
                std::this_thread::yield();
            }
            std::this_thread::sleep_for(20ms);
            if (at_once) {
                semaphore.release(6);
            } else {
                for (int i = 0; i < 6; ++i) {
                    semaphore.release();
                }
            }
            for (auto& each : threads) {
                each.join();
            }
            CHECK(had == 6);
            CHECK(semaphore.value() == 0);
        }
    }
}

TEST_CASE("Semaphore: no permit is lost or doubled") {
    const mp::Semaphore semaphore(2);
    std::atomic<int> missing = 4;
    std::atomic<int> inside = 0;
    std::atomic<bool> too_many = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (--missing; missing > 0;) { // one alone would be done before the next begins
                std::this_thread::yield();
            }
            for (int n = 0; n < 3'000; ++n) {
                const std::scoped_lock guard(semaphore);
                if (++inside > 2) {
                    too_many = true;
                }
                if (n % 16 == 0) {
                    std::this_thread::yield();
                }
                --inside;
            }
        });
    }
    for (auto& each : threads) {
        each.join();
    }
    CHECK(semaphore.value() == 2);
    CHECK_FALSE(too_many);
}

TEST_CASE("Semaphore: with one permit is a lock") {
    const mp::Semaphore semaphore(1);
    long plain = 0; // the thread sanitizer watches it
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 3'000; ++n) {
                const std::scoped_lock guard(semaphore);
                ++plain;
            }
        });
    }
    for (auto& each : threads) {
        each.join();
    }
    CHECK(plain == 12'000);
}

TEST_CASE("Semaphore: printed as Python prints it") {
    std::ostringstream text;
    text << mp::Semaphore(7);
    CHECK(text.str() == "<Semaphore(value=7)>");
}
