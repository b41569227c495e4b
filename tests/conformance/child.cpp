// The contract of platform/child.hpp, of this system's backend.
#include "support/catch.hpp"
#include "support/for_life.hpp"
#include "support/roles.hpp"

#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/platform/end_process.hpp>
#include <multiprocessing/platform/image_offset.hpp>
#include <multiprocessing/platform/process_id.hpp>
#include <multiprocessing/platform/process_watch.hpp>
#include <multiprocessing/platform/wait_for_any.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <thread>
#include <vector>

namespace platform = multiprocessing::platform;
using namespace std::chrono_literals;

namespace {

struct scene {
    support::milestone there;
    support::milestone go;
    int code;
    std::int64_t number;
    std::uint64_t start_time;
    std::uint64_t offset;
};

const support::role ends_with("child: ends with", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    here.number = platform::current_process_number();
    here.start_time = platform::process_start_time(here.number);
    here.offset = platform::image_offset(&support::role_patience);
    here.there.reach();
    here.go.wait();
    std::_Exit(here.code);
});

const support::role leaves_a_child("child: leaves a child", [](support::props given) {
    support::for_life<support::actor>(ends_with, std::vector{given[0]}); // never waited for
    support::on_stage<scene>(given[0]).there.wait();
});

const support::role ends_at_once("child: ends at once", [](support::props) { platform::end_process_now(); });

/// In a process of its own, which may keep what the system needs for it.
const support::role waits_for_many("child: waits for many", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    scene& elsewhere = support::on_stage<scene>(given[1]);
    const support::actor one(ends_with, {given[0]});
    const support::actor two(ends_with, {given[1]});
    std::vector<platform::native_handle> sentinels(200, one.process().sentinel());
    sentinels.push_back(two.process().sentinel());
    platform::wait_for_any(sentinels, platform::clock::now() + 10ms);
    elsewhere.go.reach();
    const auto begin = platform::clock::now();
    while (!two.process().exit_status()) {
        platform::wait_for_any(sentinels, begin + support::role_patience);
    }
    support::ensure(platform::clock::now() - begin < support::role_patience / 2);
    support::ensure(!one.process().exit_status());
    platform::wait_for_any({}, begin + 10ms);
    support::ensure(platform::clock::now() >= begin + 10ms);
    here.go.reach();
    support::ensure(one.wait() == 0);
});

/// Ends with 0 when its parent has.
const support::role watches_parent("child: watches parent", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    platform::process_watch parent(here.number);
    support::ensure(!parent.wait_until(platform::clock::now() + 20ms));
    here.there.reach();
    support::ensure(parent.wait_until(platform::deadline_after(support::role_patience)));
    support::ensure(parent.wait_until(platform::clock::time_point{}));
    here.go.reach();
});

const support::role has_a_watcher("child: has a watcher", [](support::props given) {
    support::on_stage<scene>(given[0]).number = platform::current_process_number();
    support::for_life<support::actor>(watches_parent, std::vector{given[0]});
    support::live_on();
});

} // namespace

TEST_CASE("child::exit_status, on every system") {
    const support::stage<scene> here;

    SECTION("is empty while it runs, then what it ended with, again and again") {
        for (const int code : {0, 1, 7, 255}) {
            const support::stage<scene> stage;
            stage->code = code;
            const support::actor one(ends_with, {stage.handle()});
            stage->there.wait();
            REQUIRE_FALSE(one.process().exit_status());
            stage->go.reach();
            REQUIRE(one.wait() == code);
            REQUIRE(one.process().exit_status() == code);
        }
    }
    SECTION("is the same for all threads that ask at once") {
        here->code = 7;
        const support::actor one(ends_with, {here.handle()});
        std::vector<std::optional<int>> seen(8);
        std::vector<std::thread> threads;
        for (auto& each : seen) {
            threads.emplace_back([&] {
                if (one.process().wait_until(platform::deadline_after(support::role_patience))) {
                    each = one.process().exit_status();
                }
            });
        }
        here->there.wait();
        here->go.reach();
        for (auto& each : threads) {
            each.join();
        }
        REQUIRE(std::count(seen.begin(), seen.end(), std::optional(7)) == 8);
    }
}

TEST_CASE("child::wait_until, on every system") {
    const support::stage<scene> here;

    SECTION("is false at the deadline, not before, in each of several threads") {
        const support::actor one(ends_with, {here.handle()});
        REQUIRE_FALSE(one.process().wait_until(platform::clock::time_point{})); // only looks
        REQUIRE_FALSE(one.process().wait_until(platform::clock::time_point::min()));
        std::atomic<int> right{0};
        std::vector<std::thread> threads;
        for (const auto wait : {10ms, 30ms, 60ms, 100ms}) {
            threads.emplace_back([&, wait] {
                const auto until = platform::clock::now() + wait;
                if (!one.process().wait_until(until) && platform::clock::now() >= until && platform::clock::now() < until + 5s) {
                    ++right;
                }
            });
        }
        for (auto& each : threads) {
            each.join();
        }
        REQUIRE(right == 4);
        here->go.reach();
        REQUIRE(one.process().wait_until(platform::no_deadline));
    }
    SECTION("is true when the child itself is gone, whatever became of its children") {
        const support::actor one(leaves_a_child, {here.handle()});
        const auto begin = platform::clock::now();
        REQUIRE(one.wait() == 0);
        REQUIRE(platform::clock::now() - begin < support::role_patience / 2);
        here->go.reach();
    }
}

TEST_CASE("child::terminate, on every system") {
    const support::stage<scene> here;
    const support::actor one(ends_with, {here.handle()});
    here->there.wait();
    one.process().terminate();
    REQUIRE(one.wait() == -15);
    one.process().terminate();
    one.process().interrupt();
    one.process().kill();
    REQUIRE(one.process().exit_status() == -15);
}

TEST_CASE("child::interrupt, on every system") {
    const support::stage<scene> here;
    const support::actor one(ends_with, {here.handle()});
    here->there.wait();
    one.process().interrupt();
    REQUIRE(one.wait() == -2);
}

TEST_CASE("child::kill, on every system") {
    const support::stage<scene> here;

    SECTION("ends it") {
        const support::actor one(ends_with, {here.handle()});
        here->there.wait();
        REQUIRE(one.kill() == -9);
    }
    SECTION("ends it before it has come to main") { REQUIRE(support::actor(ends_with, {here.handle()}).kill() == -9); }
    SECTION("does nothing to a process that has ended") {
        here->code = 7;
        here->go.reach();
        const support::actor one(ends_with, {here.handle()});
        REQUIRE(one.wait() == 7);
        one.process().kill();
        one.process().terminate();
        REQUIRE(one.process().exit_status() == 7);
    }
    SECTION("by several threads at once") {
        const support::actor one(ends_with, {here.handle()});
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] { one.process().kill(); });
        }
        for (auto& each : threads) {
            each.join();
        }
        REQUIRE(one.wait() == -9);
    }
}

TEST_CASE("child::number, on every system") {
    const support::stage<scene> here;
    const support::actor one(ends_with, {here.handle()});
    here->there.wait();
    REQUIRE(one.process().number() == here->number);
    REQUIRE(one.process().number() != platform::current_process_number());

    SECTION("and its start time are the same for everybody") {
        REQUIRE(here->start_time != 0);
        REQUIRE(platform::process_start_time(here->number) == here->start_time);
        REQUIRE(platform::identify_process(here->number) != platform::identify_process(platform::current_process_number()));
    }
    SECTION("a place in the image is called the same in both") {
        REQUIRE(here->offset != 0);
        REQUIRE(platform::image_offset(&support::role_patience) == here->offset);
        const int on_the_stack = 0;
        REQUIRE(platform::image_offset(&on_the_stack) != here->offset);
    }
}

TEST_CASE("wait_for_any, on every system") {
    const support::stage<scene> here;
    const support::stage<scene> elsewhere;

    SECTION("returns when one is ready") {
        const support::actor one(ends_with, {here.handle()});
        const support::actor two(ends_with, {elsewhere.handle()});
        const std::vector sentinels{one.process().sentinel(), two.process().sentinel()};
        const auto until = platform::clock::now() + 30ms;
        platform::wait_for_any(sentinels, until);
        elsewhere->go.reach();
        const auto begin = platform::clock::now();
        while (!two.process().exit_status()) {
            platform::wait_for_any(sentinels, begin + support::role_patience);
        }
        REQUIRE(platform::clock::now() - begin < support::role_patience / 2);
        REQUIRE_FALSE(one.process().exit_status());
        here->go.reach();
    }
    SECTION("serves any number, and none") {
        REQUIRE(support::actor(waits_for_many, {here.handle(), elsewhere.handle()}).wait() == 0);
    }
    SECTION("looks again soon at what cannot be waited for") {
        const std::vector sentinels{platform::invalid_native_handle};
        const auto begin = platform::clock::now();
        platform::wait_for_any(sentinels, begin + support::role_patience);
        REQUIRE(platform::clock::now() - begin < support::role_patience / 2);
    }
}

TEST_CASE("process_watch, on every system") {
    SECTION("sees its parent being killed") {
        const support::stage<scene> here;
        const support::actor parent(has_a_watcher, {here.handle()});
        here->there.wait();
        REQUIRE_FALSE(here->go.is_reached());
        parent.kill();
        here->go.wait();
    }
    SECTION("takes a number that nobody has for one who has ended") {
        std::int64_t number = 0;
        {
            const support::stage<scene> here;
            const support::actor gone(ends_with, {here.handle()});
            number = gone.process().number();
            gone.kill();
        }
        platform::process_watch watch(number);
        REQUIRE(watch.wait_until(platform::clock::time_point{}));
    }
}

TEST_CASE("end_process_now, on every system") { REQUIRE(support::actor(ends_at_once).wait() == -9); }
