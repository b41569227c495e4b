// The code of the reference page of the public face, as its users write it. What it says of each line is checked beside it.
#include "support/catch.hpp"

#include <multiprocessing/multiprocessing.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <span>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

namespace {

struct Point {
    double x, y;
};

void repair(const mp::SharedArray<double>& grid) { grid[0] = 1; }

void f(int x, int y) { std::exit(x + y); }

} // namespace

TEST_CASE("api: raw objects") {
    mp::RawValue<int> hits;
    mp::RawValue<Point> origin(1.0, 2.0);
    CHECK(hits.value() == 0);
    hits.value() += 1;
    CHECK((*hits == 1 && origin->x == 1.0));

    mp::RawArray<double> zeros(3);
    mp::RawArray<double> some{1.0, 2.0, 0, 0, 0, 0, 0, 0};
    const std::vector<double> vec{1.0, 2.0};
    CHECK(mp::RawArray<double>(vec).size() == 2);
    CHECK(zeros[2] == 0);
    some[0] = 4;
    some.at(7);
    CHECK_THROWS_AS(zeros.at(7), std::out_of_range);
    std::span<double> view = some;
    CHECK(view[0] == 4);
    mp::RawArray<char> text("hello");
    text.value("bye");
    CHECK(text.value() == "bye");
    CHECK(text.raw().size() == 5);
}

TEST_CASE("api: shared objects") {
    mp::SharedValue<int> counter{0};
    counter += 1;
    ++counter;
    int now = counter.value();
    CHECK(now == 2);
    counter.set(7);
    counter = 7;
    int old = counter.exchange(0);
    CHECK(old == 7);
    bool won = counter.compare_exchange(old, 9);
    CHECK_FALSE(won);
    CHECK(old == 0);
    counter.update([](int& n) { n = 3 * n + 1; });
    CHECK(counter.value() == 1);
    {
        std::scoped_lock guard(counter.get_lock());
        counter.get_obj().value() += 5;
        counter += 1;
    }
    CHECK(counter.value() == 7);
    {
        std::scoped_lock same(counter);
        counter.acquire();
        counter.release();
    }

    mp::SharedArray<double> grid(1'000'000);
    grid[3] = 1.5;
    grid[3] += 1;
    double d = grid[3];
    CHECK(d == 2.5);
    {
        auto g = grid.synchronize();
        for (double& x : g) {
            x *= 2;
        }
    }
    CHECK(grid[3] == 5.0);
    CHECK(grid.slice(0, 10, 3) == std::vector{0.0, 5.0, 0.0, 0.0});
    grid.assign_slice(0, 3, std::array{1., 2., 3.});
    CHECK(grid.slice(0, 3) == std::vector{1.0, 2.0, 3.0});
    CHECK_THROWS_AS(grid.assign_slice(0, 3, std::array{1., 2.}), std::length_error);
    CHECK(grid[-999'999] == 2.0);
    CHECK_THROWS_AS(grid[1'000'000], std::out_of_range);

    mp::RawValue<int> hits;
    mp::SharedValue<int> a(mp::with_lock(counter.get_lock()), 0);
    auto wrapped = mp::synchronized(hits);
    auto twin = mp::copy(hits);
    wrapped += 1;
    a += 1;
    CHECK((*hits == 1 && *twin == 0 && a.value() == 1));

    std::vector<mp::SharedValue<int>> several(1, counter);
    several.push_back(std::move(a));
    several[0] += 1;
    CHECK(counter.value() == 8);
}

TEST_CASE("api: the lock") {
    mp::SharedValue<int> counter{0};
    mp::SharedArray<double> grid(3);
    mp::RLock& lock = counter.get_lock();
    CHECK(lock.try_lock_for(50ms));
    lock.acquire();
    lock.acquire(false);
    lock.acquire(true, 50ms);
    for (int i = 0; i < 4; ++i) {
        lock.release();
    }
    try {
        lock.release();
        FAIL("released a lock that it does not hold");
    } catch (const std::system_error& error) {
        CHECK(error.code() == std::errc::operation_not_permitted);
    }

    mp::fork([&] {
        lock.acquire();
        std::raise(SIGKILL);
    }).join();
    std::scoped_lock guard(lock);
    CHECK(lock.owner_died());
    if (lock.owner_died()) {
        repair(grid);
        lock.make_consistent();
    }
    CHECK_FALSE(lock.owner_died());
}

TEST_CASE("api: processes made by fork") {
    mp::SharedValue<int> counter{0};
    mp::Process a = mp::fork([&] { counter += 1; });
    mp::Process b = mp::fork([&] { counter += 20; });
    int x = 3;
    int y = 4;
    mp::Process c = mp::fork({.name = "worker"}, f, x, y);

    a.join();
    CHECK(b.join_for(20s));
    CHECK_FALSE(b.is_alive());
    CHECK(b.exitcode() == 0);
    CHECK(counter.value() == 21);
    c.join();
    c.terminate();
    c.kill();
    CHECK(c.exitcode() == 7);
    CHECK(c.pid() > 0);
    CHECK(c.name() == "worker");
    static_cast<void>(c.sentinel());
    c.close();
    CHECK_THROWS_AS(c.join(), std::logic_error);

    mp::Process stuck = mp::fork([] {
        for (;;) {
            std::this_thread::sleep_for(1s);
        }
    });
    CHECK_FALSE(stuck.exitcode());
    stuck.kill();
    stuck.join();
    CHECK(stuck.exitcode() == -9);
}

TEST_CASE("api: counters that need no lock") {
    mp::RawValue<std::atomic<long>> hits;
    hits.value().fetch_add(1, std::memory_order_relaxed);
    CHECK(*hits == 1);
}
