// Taken out once, to see it fail: without asking whether an owner lives (permit_table::is_free), "what a thread has that ends comes back"; without the
// last take_of_dead in take_slowly, as it was, "what the dead had is there for one who does not wait".
#include <multiprocessing/synchronize/bounded_semaphore.hpp>

#include "support/catch.hpp"
#include "support/start.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

static_assert(std::is_copy_constructible_v<mp::BoundedSemaphore> && !std::is_copy_assignable_v<mp::BoundedSemaphore>);

namespace {

bool refuses_release(const mp::BoundedSemaphore& semaphore) {
    try {
        semaphore.release();
    } catch (const std::system_error& error) {
        return error.code() == std::errc::operation_not_permitted;
    }
    return false;
}

} // namespace

TEST_CASE("BoundedSemaphore: its permits") {
    CHECK(mp::BoundedSemaphore().value() == 1);
    CHECK(mp::BoundedSemaphore(0).value() == 0);
    CHECK(mp::BoundedSemaphore(65536).value() == 65536);
    CHECK_THROWS_AS(mp::BoundedSemaphore(65537), std::invalid_argument);
    CHECK_THROWS_AS(mp::BoundedSemaphore(-1), std::invalid_argument);
}

TEST_CASE("BoundedSemaphore::acquire") {
    const mp::BoundedSemaphore semaphore(3);

    SECTION("takes one at a time, several for a thread too") {
        CHECK(semaphore.acquire());
        CHECK(semaphore.acquire(true, 1s));
        CHECK(semaphore.try_lock());
        CHECK(semaphore.value() == 0);
        CHECK_FALSE(semaphore.acquire(false));
        const auto begin = std::chrono::steady_clock::now();
        CHECK_FALSE(semaphore.try_lock_for(60ms));
        CHECK(std::chrono::steady_clock::now() - begin >= 60ms);
        for (int i = 1; i <= 3; ++i) {
            semaphore.release();
            CHECK(semaphore.value() == i);
        }
    }
    SECTION("is what the standard's guards do") {
        {
            const std::scoped_lock guard(semaphore);
            CHECK(semaphore.value() == 2);
        }
        CHECK(semaphore.value() == 3);
    }
}

TEST_CASE("BoundedSemaphore::release") {
    const mp::BoundedSemaphore semaphore(2);

    SECTION("of more than were taken is refused, and nothing is changed") {
        CHECK(refuses_release(semaphore));
        semaphore.acquire();
        semaphore.release();
        CHECK(refuses_release(semaphore));
        CHECK(semaphore.value() == 2);
    }
    SECTION("by a thread that took none gives back another's") {
        semaphore.acquire();
        std::thread([&] { semaphore.release(); }).join();
        CHECK(semaphore.value() == 2);
        CHECK(refuses_release(semaphore));
    }
    SECTION("takes one's own first") {
        semaphore.acquire();
        std::thread([&] {
            semaphore.acquire();
            semaphore.release();
        }).join();
        CHECK(semaphore.value() == 1);
        semaphore.release();
        CHECK(semaphore.value() == 2);
    }
    SECTION("wakes one who sleeps") {
        semaphore.acquire();
        semaphore.acquire();
        std::atomic<int> had = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 2; ++i) {
            threads.emplace_back([&] {
                had += semaphore.try_lock_for(60s);
                static_cast<void>(support::soon([&] { return had == 2; })); // what it took would be free with its end
            });
        }
        std::this_thread::sleep_for(20ms);
        CHECK(had == 0);
        semaphore.release();
        semaphore.release();
        for (auto& each : threads) {
            each.join();
        }
        CHECK(had == 2);
    }
}

TEST_CASE("BoundedSemaphore: what a thread has that ends comes back") {
    const mp::BoundedSemaphore semaphore(2);
    std::thread([&] {
        semaphore.acquire();
        semaphore.acquire();
    }).join();
    CHECK(semaphore.value() == 2);
    CHECK(refuses_release(semaphore)); // so it is free already
    CHECK(semaphore.acquire(false));
    CHECK(semaphore.acquire(false));
    CHECK_FALSE(semaphore.acquire(false));
}

TEST_CASE("BoundedSemaphore: what the dead had is there for one who does not wait, whatever is called") {
    const mp::BoundedSemaphore semaphore(1);
    const auto dies_with_it = [&] { std::thread([&] { semaphore.acquire(); }).join(); };
    dies_with_it();
    CHECK(semaphore.try_lock_for(0s));
    semaphore.release();
    dies_with_it();
    CHECK(semaphore.acquire(true, -1s));
    semaphore.release();
    dies_with_it();
    CHECK(semaphore.try_lock_until(std::chrono::system_clock::now() - 1h));
    semaphore.release();
    dies_with_it();
    CHECK(semaphore.try_lock());
}

TEST_CASE("BoundedSemaphore: never more inside than permits") {
    const mp::BoundedSemaphore semaphore(2);
    std::atomic<int> inside = 0;
    std::atomic<bool> kept = true;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 5'000; ++n) {
                const std::scoped_lock guard(semaphore);
                if (++inside > 2) {
                    kept = false;
                }
                --inside;
            }
        });
    }
    for (auto& each : threads) {
        each.join();
    }
    CHECK(kept);
    CHECK(semaphore.value() == 2);
}

TEST_CASE("BoundedSemaphore: with one permit is a lock") {
    const mp::BoundedSemaphore semaphore(1);
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

TEST_CASE("BoundedSemaphore: printed as Python prints it") {
    const mp::BoundedSemaphore semaphore(4);
    semaphore.acquire();
    std::ostringstream text;
    text << semaphore;
    CHECK(text.str() == "<BoundedSemaphore(value=3, maxvalue=4)>");
}
