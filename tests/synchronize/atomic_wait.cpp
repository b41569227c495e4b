// Taken out once, to see it fail: std::atomic::wait in its place, "between processes".
#include <multiprocessing/synchronize/atomic_wait.hpp>

#include "support/catch.hpp"
#include "support/roles.hpp"

#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <thread>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t passes = 2'000;

struct ball {
    std::atomic<std::uint32_t> turn;
};

const support::role plays_back("atomic_wait: plays back", [](support::props given) {
    auto& turn = support::on_stage<ball>(given[0]).turn;
    for (std::uint32_t n = 0; n < passes; n += 2) {
        support::ensure(mp::atomic_wait_for(turn, n, support::role_patience), "it is this one's turn");
        turn = n + 2;
        mp::atomic_notify_one(turn);
    }
});

} // namespace

TEST_CASE("atomic_wait between processes: two take turns, and none sleeps through it") {
    support::stage<ball> here;
    const support::actor other(plays_back, {here.handle()});
    bool in_time = true;
    for (std::uint32_t n = 0; n < passes && in_time; n += 2) {
        here->turn = n + 1;
        mp::atomic_notify_all(here->turn);
        in_time = mp::atomic_wait_for(here->turn, n + 1, support::role_patience);
    }
    REQUIRE(in_time);
    REQUIRE(other.wait() == 0);
    REQUIRE(here->turn == passes);
}

TEST_CASE("atomic_wait") {
    const mp::RawValue<std::atomic<int>> flag(0);
    SECTION("returns at once when the value is another") {
        mp::atomic_wait(*flag, 1);
        CHECK(mp::atomic_wait_for(*flag, 1, 0s));
        CHECK(mp::atomic_wait_until(*flag, 1, std::chrono::steady_clock::now()));
    }
    SECTION("keeps its time") {
        const auto begin = std::chrono::steady_clock::now();
        CHECK_FALSE(mp::atomic_wait_for(*flag, 0, 20ms));
        CHECK(std::chrono::steady_clock::now() - begin >= 20ms);
        CHECK_FALSE(mp::atomic_wait_for(*flag, 0, -1s));
        CHECK_FALSE(mp::atomic_wait_until(*flag, 0, std::chrono::system_clock::now() + 1ms));
    }
    SECTION("sees a change that nobody tells") {
        std::thread other([&] { *flag = 1; });
        mp::atomic_wait(*flag, 0);
        CHECK(*flag == 1);
        other.join();
    }
    SECTION("compares bytes: a NaN is itself, and zeros have signs") {
        const mp::RawArray<std::atomic<float>> numbers(1);
        CHECK(mp::atomic_wait_for(numbers[0], -0.0F, 0s));
        numbers[0] = std::numeric_limits<float>::quiet_NaN();
        CHECK_FALSE(mp::atomic_wait_for(numbers[0], std::numeric_limits<float>::quiet_NaN(), 1ms));
    }
}
