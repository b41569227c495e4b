// What parent and children of every start method may rely on with a Condition.
#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/synchronize/condition.hpp>
#include <multiprocessing/synchronize/lock.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace mp = multiprocessing;
using support::must;
using support::start;
using namespace std::chrono_literals;

namespace {

using counter = mp::RawValue<std::atomic<int>>;

bool soon_waiting(const mp::Condition& condition, int count) {
    return support::soon([&] {
        std::ostringstream text;
        text << condition;
        return text.str().find(", " + std::to_string(count) + ")>") != std::string::npos;
    });
}

mp::Process start_waiter(support::start_method method, const mp::Condition& condition, const counter& woken,
                         std::chrono::milliseconds wait) {
    return start<[](const mp::Condition& theirs, const counter& are_woken, long milliseconds) {
        const std::scoped_lock guard(theirs);
        if (theirs.wait_for(std::chrono::milliseconds(milliseconds))) {
            ++*are_woken;
        }
    }>(method, condition, woken, static_cast<long>(wait.count()));
}

} // namespace

TEST_CASE("Condition, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const mp::Condition condition;
    const counter woken(0);

    SECTION("notify wakes exactly as many as it says") {
        std::vector<mp::Process> processes;
        for (int i = 0; i < 4; ++i) {
            processes.push_back(start_waiter(method, condition, woken, 30s));
        }
        REQUIRE(soon_waiting(condition, 4));
        int expected = 0;
        for (const int count : {1, 2}) {
            {
                const std::scoped_lock guard(condition);
                condition.notify(count);
            }
            expected += count;
            REQUIRE(support::soon([&] { return *woken == expected; }));
            REQUIRE(soon_waiting(condition, 4 - expected));
        }
        std::this_thread::sleep_for(40ms); // two slices, in which nobody else wakes
        REQUIRE(*woken == 3);
        {
            const std::scoped_lock guard(condition);
            condition.notify_all();
        }
        for (const auto& each : processes) {
            REQUIRE(support::exit_code(each) == 0);
        }
        REQUIRE(*woken == 4);
    }
    SECTION("those whose time was over leave nothing") {
        std::vector<mp::Process> processes;
        for (int i = 0; i < 2; ++i) {
            processes.push_back(start_waiter(method, condition, woken, 5ms));
        }
        for (const auto& each : processes) {
            REQUIRE(support::exit_code(each) == 0);
        }
        REQUIRE(*woken == 0);
        const auto process = start_waiter(method, condition, woken, 30s);
        REQUIRE(soon_waiting(condition, 1));
        {
            const std::scoped_lock guard(condition);
            condition.notify();
        }
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(*woken == 1);
    }
    SECTION("one who is killed is not notified, and notify does not wait for it") {
        const auto killed = start_waiter(method, condition, woken, 30s);
        REQUIRE(soon_waiting(condition, 1));
        const auto process = start_waiter(method, condition, woken, 30s);
        REQUIRE(soon_waiting(condition, 2));
        killed.kill();
        REQUIRE(support::exit_code(killed) == -9);
        {
            const std::scoped_lock guard(condition);
            const auto begin = std::chrono::steady_clock::now();
            condition.notify();
            REQUIRE(std::chrono::steady_clock::now() - begin < 2s);
        }
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(*woken == 1);
    }
    SECTION("goes over the lock of a value, all levels of it, and over a Lock") {
        const mp::SharedValue<int> turn(0);
        const mp::Condition changed(turn.get_lock());
        const mp::Lock lock;
        const mp::Condition over(lock);
        std::unique_lock guard(lock);
        const auto process = start<[](const mp::SharedValue<int>& theirs, const mp::Condition& is_changed, const mp::Condition& is_over) {
            for (int i = 0; i < 100; ++i) {
                const std::scoped_lock twice(theirs, is_changed);
                must(is_changed.wait_for(20s, [&] { return theirs.value() % 2 == 1; }));
                theirs += 1;
                is_changed.notify();
            }
            const std::scoped_lock last(is_over);
            is_over.notify();
        }>(method, turn, changed, over);
        for (int i = 0; i < 100; ++i) {
            const std::scoped_lock once(changed);
            turn += 1;
            changed.notify();
            REQUIRE(changed.wait_for(20s, [&] { return turn.value() % 2 == 0; }));
        }
        REQUIRE(over.wait_for(20s));
        guard.unlock();
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(turn.value() == 200);
    }
}
