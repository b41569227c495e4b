// The parts that every wait in this folder is made of. Beside it: tests/robustness/waiting.cpp, for what waits cost.
//
// Taken out once, to see it fail: without the growth of the slices, "slices grow".

#include "support/catch.hpp"

#include <multiprocessing/robust/waiting.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include <sys/resource.h>

namespace platform = multiprocessing::platform;
using multiprocessing::robust::sleeping_slices;
using multiprocessing::robust::wait_in_slices;
using namespace std::chrono_literals;

namespace {

/// How often the calling thread has gone to sleep.
long sleeps_of_this_thread() {
    ::rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

} // namespace

TEST_CASE("waiting: address_of") {
    std::atomic<std::uint32_t> word{0};
    const std::uint32_t* const address = multiprocessing::robust::address_of(word);
    CHECK(static_cast<const void*>(address) == &word);
    word = 0x1234'5678;
    CHECK(*address == 0x1234'5678);
}

TEST_CASE("waiting: spin") {
    int asked = 0;
    const bool found = multiprocessing::robust::spin(5, 16, [&] { return ++asked == 3; });
    CHECK(found == platform::spinning_helps);
    CHECK(asked == (platform::spinning_helps ? 3 : 0)); // with one processor not at all
    asked = 0;
    CHECK_FALSE(multiprocessing::robust::spin(5, 16, [&] { return ++asked == 6; }));
    CHECK(asked == (platform::spinning_helps ? 5 : 0));
    CHECK_FALSE(multiprocessing::robust::spin(0, 16, [] { return true; }));
}

TEST_CASE("waiting: looks become more where they help, and fewer where they do not") {
    if (!platform::spinning_helps) {
        return;
    }
    std::vector<int> counts;
    const auto look_in_vain = [&](int times) {
        for (int i = 0; i < times; ++i) {
            counts.push_back(0);
            CHECK_FALSE(multiprocessing::robust::looks::help([&] { return ++counts.back() < 0; }));
        }
    };
    const auto look_with_success = [](int times) {
        for (int i = 0; i < times; ++i) {
            CHECK(multiprocessing::robust::looks::help([] { return true; }));
        }
    };
    std::thread([&] { // each thread has its own count
        look_in_vain(6);
        look_with_success(2);
        look_in_vain(1);
        look_with_success(9);
        look_in_vain(1);
    }).join();
    CHECK(counts == std::vector{128, 64, 32, 16, 8, 8, 32, 256});
}

TEST_CASE("sleeping_slices") {
    SECTION("no sleep is longer than what was waited allows") {
        STATIC_REQUIRE(sleeping_slices::longest_after(-1s) == 16ms);
        STATIC_REQUIRE(sleeping_slices::longest_after(256ms) == 16ms);
        STATIC_REQUIRE(sleeping_slices::longest_after(512ms) == 32ms);
        STATIC_REQUIRE(sleeping_slices::longest_after(64s) == 4s);
        STATIC_REQUIRE(sleeping_slices::longest_after(platform::clock::duration::max()) == 4s);
    }
    SECTION("are over at the end, and never where there is none") {
        CHECK(sleeping_slices(platform::clock::now() - 1ns).are_over());
        CHECK(sleeping_slices(platform::clock::now()).are_over());
        CHECK(sleeping_slices((platform::deadline::min)()).are_over());
        CHECK_FALSE(sleeping_slices(platform::clock::now() + 1h).are_over());
        CHECK_FALSE(sleeping_slices(platform::no_deadline).are_over());
    }
    SECTION("slices grow, so that few are slept, and end by themselves") {
        const std::uint32_t word = 5; // nobody wakes who sleeps on it
        sleeping_slices slices(platform::clock::now() + 300ms);
        int slept = 0;
        while (!slices.are_over()) {
            slices.sleep(&word, 5);
            ++slept;
        }
        CHECK(slept >= 1);
        if (!MULTIPROCESSING_POLLING_WAIT_WORD) {
            CHECK(slept < 60); // 23 are needed; 300 with 1 ms each
        }
    }
    SECTION("does not sleep on a word that is another one than was seen") {
        const std::uint32_t word = 5;
        sleeping_slices slices(platform::no_deadline);
        const auto begin = platform::clock::now();
        for (int i = 0; i < 10'000; ++i) { // 160 s if each were slept
            CHECK_FALSE((i % 1000 == 0 && slices.are_over()));
            slices.sleep(&word, 4);
        }
        CHECK(platform::clock::now() - begin < 30s);
    }
}

TEST_CASE("wait_in_slices") {
    std::atomic<std::uint32_t> word{0};
    const std::uint32_t* const address = multiprocessing::robust::address_of(word);
    int announced = 0;
    const auto announce = [&] { return ++announced, word.load(); };

    SECTION("what is done already takes no time, also when that is over") {
        CHECK(wait_in_slices(address, platform::clock::now() - 1s, [] { return true; }, announce));
        CHECK(announced == 0);
    }
    SECTION("a time that is over is one look, and nobody is told of it") {
        CHECK_FALSE(wait_in_slices(address, platform::clock::now() - 1s, [] { return false; }, announce));
        CHECK(announced == 0);
    }
    SECTION("a time-out comes not before its time, with one announcement a slice") {
        const auto until = platform::clock::now() + 40ms;
        CHECK_FALSE(wait_in_slices(address, until, [] { return false; }, announce));
        CHECK(platform::clock::now() >= until);
        CHECK(announced >= 1);
    }
    SECTION("a lost wake-up is healed by the end of a slice") {
        std::atomic<bool> changed = false;
        std::atomic<bool> waits = false;
        std::thread other([&] {
            while (!waits) {
                std::this_thread::yield();
            }
            changed = true; // neither the word nor a wake-up tells of it
        });
        const auto begin = platform::clock::now();
        CHECK(wait_in_slices(address, begin + 40s, [&] { return changed.load(); }, [&] { return waits = true, word.load(); }));
        CHECK(platform::clock::now() - begin < 20s);
        other.join();
    }
    SECTION("a change that comes with the announcement is seen before the first sleep") {
        long sleeps = -1;
        bool changed = false;
        CHECK(wait_in_slices(
            address, platform::no_deadline, [&] { return changed; },
            [&] {
                changed = true;
                sleeps = sleeps_of_this_thread();
                return announce();
            }));
        CHECK(sleeps_of_this_thread() == sleeps);
        CHECK(announced == 1);
    }
}
