#include "support/catch.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/wait_word.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

namespace platform = multiprocessing::platform;
using clock_type = platform::clock;
using platform::wait_word;
using namespace std::chrono_literals;

namespace {

struct stage {
    std::atomic<std::uint32_t> word{0};
    std::atomic<int> woken{0};

    const std::uint32_t* address() const { return reinterpret_cast<const std::uint32_t*>(&word); }
};

/// A child that sleeps on the word while it is 0, in one long wait, and counts itself when it has returned in time.
[[maybe_unused]] support::child_process sleeper(const support::shared<stage>& here) {
    return support::child_process([&] {
        wait_word::wait(here->address(), 0, clock_type::now() + support::patience);
        ++here->woken;
    });
}

/// The child has nothing to sleep on but the word.
bool is_asleep(const support::child_process& child) {
    return support::eventually([&] { return support::state_of(child.pid()) == 'S'; });
}

} // namespace

TEST_CASE("wait_word::wait") {
    const support::shared<stage> here;

    SECTION("returns at once when the word is another") {
        const auto begin = clock_type::now();
        wait_word::wait(here->address(), 1, begin + support::patience);
        wait_word::wait(here->address(), 1, platform::no_deadline);
        REQUIRE(clock_type::now() - begin < support::patience / 2);
    }
    SECTION("returns at the deadline, not before and not much later") {
        for (const auto wait : {1ms, 20ms, 100ms}) {
            const auto until = clock_type::now() + wait;
            do { // it may return for no reason at all
                wait_word::wait(here->address(), 0, until);
            } while (clock_type::now() < until - wait / 2);
            REQUIRE(clock_type::now() >= until);
            REQUIRE(clock_type::now() < until + 5s);
        }
    }
    SECTION("returns at once when the deadline has passed") {
        const auto begin = clock_type::now();
        wait_word::wait(here->address(), 0, begin);
        wait_word::wait(here->address(), 0, begin - 1h);
        wait_word::wait(here->address(), 0, clock_type::time_point{});
        wait_word::wait(here->address(), 0, clock_type::time_point::min());
        REQUIRE(clock_type::now() - begin < 5s);
    }
    if (MULTIPROCESSING_POLLING_WAIT_WORD) {
        return; // what follows wakes without a change of the word, which is more than the contract says
    }
    SECTION("without a deadline returns when woken") {
        support::child_process child([&] { wait_word::wait(here->address(), 0, platform::no_deadline); });
        REQUIRE(is_asleep(child));
        wait_word::wake_one(here->address());
        REQUIRE(child.wait() == 0);
    }
}

// The wake-ups themselves; what holds for all backends is in tests/conformance.
#if !MULTIPROCESSING_POLLING_WAIT_WORD
TEST_CASE("wait_word::wake_one") {
    const support::shared<stage> here;
    const auto begin = clock_type::now();

    SECTION("wakes a sleeper in another process") {
        auto child = sleeper(here);
        REQUIRE(is_asleep(child));
        wait_word::wake_one(here->address());
        REQUIRE(child.wait() == 0);
        REQUIRE(clock_type::now() - begin < support::patience / 2);
    }
    SECTION("is done from a child as well") {
        auto child = sleeper(here);
        REQUIRE(is_asleep(child));
        REQUIRE(support::run_child([&] { wait_word::wake_one(here->address()); }) == 0);
        REQUIRE(child.wait() == 0);
        REQUIRE(clock_type::now() - begin < support::patience / 2);
    }
    SECTION("wakes one of several, and the next time another") {
        std::vector<support::child_process> children;
        for (int i = 0; i < 3; ++i) {
            children.push_back(sleeper(here));
        }
        for (const auto& each : children) {
            REQUIRE(is_asleep(each));
        }
        for (int round = 1; round <= 3; ++round) {
            wait_word::wake_one(here->address());
            REQUIRE(support::eventually([&] { return here->woken == round; }));
        }
        REQUIRE(clock_type::now() - begin < support::patience / 2);
    }
    SECTION("wakes nobody on another word") {
        const support::shared<stage> elsewhere;
        auto child = sleeper(here);
        REQUIRE(is_asleep(child));
        wait_word::wake_all(elsewhere->address());
        REQUIRE(is_asleep(child));
        REQUIRE(here->woken == 0);
        wait_word::wake_one(here->address());
        REQUIRE(child.wait() == 0);
    }
    SECTION("without sleepers does nothing") {
        wait_word::wake_one(here->address());
        wait_word::wake_all(here->address());
        REQUIRE(here->word == 0);
    }
}

TEST_CASE("wait_word::wake_all") {
    const support::shared<stage> here;
    const auto begin = clock_type::now();
    std::vector<support::child_process> children;
    for (int i = 0; i < 5; ++i) {
        children.push_back(sleeper(here));
    }
    for (const auto& each : children) {
        REQUIRE(is_asleep(each));
    }
    wait_word::wake_all(here->address());
    for (auto& each : children) {
        REQUIRE(each.wait() == 0);
    }
    REQUIRE(here->woken == 5);
    REQUIRE(clock_type::now() - begin < support::patience / 2);
}
#endif
