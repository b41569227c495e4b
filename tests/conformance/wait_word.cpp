// The contract of platform/wait_word.hpp, of this system's backend.
#include "support/catch.hpp"
#include "support/roles.hpp"

#include <multiprocessing/platform/wait_word.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace platform = multiprocessing::platform;
using platform::wait_word;
using namespace std::chrono_literals;

namespace {

struct scene {
    std::atomic<std::uint32_t> word;
    std::atomic<std::uint32_t> other_word;
    std::atomic<int> asleep;
    std::atomic<int> seen;
    std::atomic<int> returns;

    static const std::uint32_t* address(const std::atomic<std::uint32_t>& word) {
        return reinterpret_cast<const std::uint32_t*>(&word);
    }
    const std::uint32_t* address() const { return address(word); }
};

/// A test that sees a wake-up come after less than this has seen a wake-up, not the end of a sleep that nobody ended.
constexpr auto long_wait = 40s;

/// Sleeps in long waits until the word is not 0.
void sleep_on(const std::atomic<std::uint32_t>& word, scene& here) {
    const auto until = platform::clock::now() + long_wait;
    ++here.asleep;
    while (word == 0 && platform::clock::now() < until) {
        wait_word::wait(scene::address(word), 0, until);
        ++here.returns;
    }
    if (platform::clock::now() < until) {
        ++here.seen;
    }
}

const support::role sleeps("wait_word: sleeps", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    sleep_on(here.word, here);
});

const support::role wakes("wait_word: wakes", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    here.word = 1;
    wait_word::wake_one(here.address());
});

constexpr std::uint32_t rallies = 300;

/// Answers each odd number with the next even one.
const support::role answers("wait_word: answers", [](support::props given) {
    scene& here = support::on_stage<scene>(given[0]);
    for (std::uint32_t ball = 1; ball < 2 * rallies; ball += 2) {
        while (here.word != ball) {
            wait_word::wait(here.address(), ball - 1, platform::clock::now() + long_wait);
        }
        here.word = ball + 1;
        wait_word::wake_one(here.address());
    }
});

/// Asleep, or as good as: the sleeper has said that it is about to, and had time for it.
void let_fall_asleep(const scene& here, int sleepers) {
    REQUIRE(support::comes_true([&] { return here.asleep == sleepers; }));
    std::this_thread::sleep_for(50ms);
}

} // namespace

TEST_CASE("wait_word::wait, on every system") {
    const support::stage<scene> here;

    SECTION("returns at once when the word is another") {
        const auto begin = platform::clock::now();
        wait_word::wait(here->address(), 1, begin + long_wait);
        wait_word::wait(here->address(), 1, platform::no_deadline);
        REQUIRE(platform::clock::now() - begin < long_wait / 2);
    }
    SECTION("returns at the deadline, or before for no reason, and not much later") {
        for (const auto wait : {1ms, 20ms, 100ms}) {
            const auto until = platform::clock::now() + wait;
            int returns = 0;
            for (; platform::clock::now() < until; ++returns) {
                wait_word::wait(here->address(), 0, until);
            }
            REQUIRE(returns < 10'000); // it sleeps, though others may be awake at the same place of their objects
            REQUIRE(platform::clock::now() < until + 5s);
        }
    }
    SECTION("returns at once when the deadline has passed") {
        const auto begin = platform::clock::now();
        wait_word::wait(here->address(), 0, begin);
        wait_word::wait(here->address(), 0, begin - 1h);
        wait_word::wait(here->address(), 0, platform::clock::time_point{});
        wait_word::wait(here->address(), 0, platform::clock::time_point::min());
        REQUIRE(platform::clock::now() - begin < 5s);
    }
    SECTION("without a deadline returns when woken") {
        const support::actor other(sleeps, {here.handle()});
        std::thread sleeper([&] {
            while (here->word == 0) {
                wait_word::wait(here->address(), 0, platform::no_deadline);
            }
        });
        let_fall_asleep(*here, 1);
        here->word = 1;
        wait_word::wake_all(here->address());
        sleeper.join();
        REQUIRE(other.wait() == 0);
    }
}

TEST_CASE("wait_word::wake_one, on every system") {
    const support::stage<scene> here;
    const auto begin = platform::clock::now();

    SECTION("wakes a sleeper in another process") {
        const support::actor sleeper(sleeps, {here.handle()});
        let_fall_asleep(*here, 1);
        here->word = 1;
        wait_word::wake_one(here->address());
        REQUIRE(sleeper.wait() == 0);
        REQUIRE(platform::clock::now() - begin < long_wait / 2);
    }
    SECTION("wakes a sleeper of this process from another") {
        std::thread sleeper([&] { sleep_on(here->word, *here); });
        let_fall_asleep(*here, 1);
        REQUIRE(support::actor(wakes, {here.handle()}).wait() == 0);
        sleeper.join();
        REQUIRE(here->seen == 1);
        REQUIRE(platform::clock::now() - begin < long_wait / 2);
    }
    SECTION("loses nothing in a long exchange between processes") {
        const support::actor other(answers, {here.handle()});
        for (std::uint32_t ball = 0; ball < 2 * rallies; ball += 2) {
            here->word = ball + 1;
            wait_word::wake_one(here->address());
            while (here->word != ball + 2) {
                wait_word::wait(here->address(), ball + 1, platform::clock::now() + long_wait);
            }
        }
        REQUIRE(other.wait() == 0);
        REQUIRE(platform::clock::now() - begin < long_wait / 2);
    }
    SECTION("wakes the right one of two that sleep at the same place of two objects") {
        const support::stage<scene> elsewhere;
        for (const bool first : {false, true}) {
            here->word = elsewhere->word = 0;
            here->asleep = elsewhere->asleep = 0;
            const support::actor one(sleeps, {here.handle()});
            let_fall_asleep(*here, 1);
            const support::actor two(sleeps, {elsewhere.handle()});
            let_fall_asleep(*elsewhere, 1);
            scene& woken = first ? *here : *elsewhere;
            woken.word = 1;
            wait_word::wake_one(woken.address());
            REQUIRE((first ? one : two).wait() == 0);
            REQUIRE_FALSE((first ? two : one).process().exit_status());
            scene& asleep = first ? *elsewhere : *here;
            asleep.word = 1;
            wait_word::wake_one(asleep.address());
            REQUIRE((first ? two : one).wait() == 0);
        }
        REQUIRE(here->seen == 2);
        REQUIRE(elsewhere->seen == 2);
        REQUIRE(platform::clock::now() - begin < long_wait / 2);
    }
    SECTION("wakes somebody soon, also when other sleepers were killed") {
        for (int i = 0; i < 3; ++i) {
            const support::actor victim(sleeps, {here.handle()});
            let_fall_asleep(*here, i + 1);
            victim.kill();
        }
        const support::actor sleeper(sleeps, {here.handle()});
        let_fall_asleep(*here, 4);
        here->word = 1;
        wait_word::wake_one(here->address());
        std::this_thread::sleep_for(1100ms); // so long may the place of one who was killed be taken for his
        for (int i = 0; i < 4; ++i) {
            wait_word::wake_one(here->address());
        }
        REQUIRE(sleeper.wait() == 0);
        REQUIRE(platform::clock::now() - begin < long_wait / 2);
    }
    SECTION("without sleepers does nothing") {
        wait_word::wake_one(here->address());
        wait_word::wake_all(here->address());
        REQUIRE(here->word == 0);
    }
}

TEST_CASE("wait_word::wake_all, on every system") {
    const support::stage<scene> here;
    const auto begin = platform::clock::now();

    SECTION("wakes all, in this process and in others") {
        std::vector<support::actor> others;
        std::vector<std::thread> threads;
        for (int i = 0; i < 3; ++i) {
            others.emplace_back(sleeps, std::vector{here.handle()});
            threads.emplace_back([&] { sleep_on(here->word, *here); });
        }
        let_fall_asleep(*here, 6);
        here->word = 1;
        wait_word::wake_all(here->address());
        for (auto& each : threads) {
            each.join();
        }
        for (const auto& each : others) {
            REQUIRE(each.wait() == 0);
        }
        REQUIRE(here->seen == 6);
        REQUIRE(platform::clock::now() - begin < long_wait / 2);
    }
    SECTION("serves more sleepers than there is any room for") {
        std::vector<std::thread> threads;
        for (int i = 0; i < 100; ++i) {
            threads.emplace_back([&] { sleep_on(here->word, *here); });
        }
        let_fall_asleep(*here, 100);
        here->word = 1;
        wait_word::wake_all(here->address());
        for (auto& each : threads) {
            each.join();
        }
        REQUIRE(here->seen == 100);
        REQUIRE(platform::clock::now() - begin < long_wait / 2);
    }
}
