// What a wait on a primitive costs while it lasts, which is next to nothing, and what it does when somebody sets the clock, which is nothing.
//
// Taken out once, to see it fail: with slices of 50 us (sleeping_slices::longest), "costs less than a hundredth of a core"; with slices that stay as they
// are after a quarter of a second, "who has waited for long"; with the wall clock in the place of the steady one (platform/clock.hpp), "neither lengthens nor
// shortens".
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstddef>
#include <ctime>
#include <thread>
#include <vector>

#include <multiprocessing/robust/waiting.hpp>
#include <multiprocessing/synchronize/detail/permit_table.hpp>
#include <multiprocessing/synchronize/detail/semaphore_state.hpp>
#include <support/catch.hpp>
#include <support/sanitized.hpp>
#include <support/waits.hpp>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;

double seconds_used_by_this_thread() {
    ::rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

} // namespace

TEST_CASE("to be asleep costs less than a hundredth of a core", "[serial]") {
    if (sanitized) {
        return;
    }
    const support::waits here;
    constexpr auto time = 500ms;
    for (const auto& [name, wait] : here.all) {
        CAPTURE(name);
        // The best of some: on a machine that does much else everything costs more now and then.
        double part = 1;
        for (int i = 0; i < 5 && part >= 0.01; ++i) {
            const double before = seconds_used_by_this_thread();
            REQUIRE_FALSE(wait(time));
            part = std::min(part, (seconds_used_by_this_thread() - before) / std::chrono::duration<double>(time).count());
        }
        std::printf("asleep on %s: %.2f %% of a core\n", name.c_str(), 100 * part);
        CHECK(part < 0.01);
    }
}

TEST_CASE("who has waited for long wakes seldom") {
    using multiprocessing::robust::sleeping_slices;
    STATIC_REQUIRE(sleeping_slices::longest_after(0s) == 16ms);
    STATIC_REQUIRE(sleeping_slices::longest_after(250ms) == 16ms);
    STATIC_REQUIRE(sleeping_slices::longest_after(16s) == 1s);
    STATIC_REQUIRE(sleeping_slices::longest_after(24h) == 4s);
    if (MULTIPROCESSING_POLLING_WAIT_WORD) {
        return; // which wakes by itself
    }

    const support::waits here;
    std::vector<std::thread> waiting; // at once: they only sleep
    std::vector<long> wakes(here.all.size(), 0);
    std::atomic<bool> ended = false;
    for (std::size_t i = 0; i < here.all.size(); ++i) {
        waiting.emplace_back([&, i] {
            ended = here.all[i].second(4s) || ended;
            ::rusage usage{};
            ::getrusage(RUSAGE_THREAD, &usage);
            wakes[i] = usage.ru_nvcsw;
        });
    }
    for (auto& each : waiting) {
        each.join();
    }
    CHECK_FALSE(ended);
    for (std::size_t i = 0; i < wakes.size(); ++i) {
        CAPTURE(here.all[i].first, wakes[i]);
        CHECK(wakes[i] < 120); // 250 with 16 ms each; 70 with slices that grow
    }
}

namespace {

/// `word` says by its bit 0 that somebody may be asleep. It is put off all the time, as by one who has woken the waiter just before its time was over, and
/// by whom it was overtaken; whether it is on when the waiter has left without what it waited for.
template <class Word, class Wait>
bool says_so_again(std::atomic<Word>& word, Wait wait) {
    for (;;) {
        const auto until = clock_type::now() + 200ms;
        bool had = true;
        std::thread waiter([&] { had = wait(until); });
        while (clock_type::now() < until - 1ms) { // in the last slice of its sleep, most likely; else it puts the bit on itself
            word.fetch_and(static_cast<Word>(~Word{1}));
        }
        const bool in_time = clock_type::now() < until; // else it was put off when the waiter had left, perhaps, which says nothing
        waiter.join();
        if (in_time) {
            return !had && (word.load() & 1) != 0;
        }
    }
}

} // namespace

// Without what each does when it leaves, the bit is off, nearly always.
TEST_CASE("who leaves by a time-out after it slept says again that others may be asleep") {
    namespace mp = multiprocessing;
    SECTION("a lock") {
        const mp::RLock lock;
        const std::scoped_lock held(lock);
        CHECK(says_so_again(mp::detail::lock_access::header(lock).word, [&](auto until) { return lock.try_lock_until(until); }));
    }
    SECTION("a Semaphore") {
        const mp::Semaphore semaphore(0);
        auto& state = *reinterpret_cast<mp::detail::semaphore_state*>(mp::detail::primitive_access::block(semaphore).address());
        CHECK(says_so_again(state.word, [&](auto until) { return semaphore.try_lock_until(until); }));
    }
    SECTION("a BoundedSemaphore") {
        const mp::BoundedSemaphore semaphore(1);
        semaphore.lock();
        auto& state = *reinterpret_cast<mp::detail::permit_table*>(mp::detail::primitive_access::block(semaphore).address());
        CHECK(says_so_again(state.word, [&](auto until) { return semaphore.try_lock_until(until); }));
        semaphore.unlock();
    }
}

#if defined(SYS_clock_gettime)

namespace {

/// By so many seconds the clocks of this process were set. Only here: the machine's own are not a test's to set.
std::atomic<std::time_t> wall_clock_was_set_by{0};
std::atomic<std::time_t> steady_clock_was_set_by{0};

} // namespace

// In the place of the C library's, for the whole of this program and the libraries it uses.
extern "C" int clock_gettime(::clockid_t which, ::timespec* time) noexcept {
    const long result = ::syscall(SYS_clock_gettime, which, time);
    if (result == 0 && which == CLOCK_REALTIME) {
        time->tv_sec += wall_clock_was_set_by.load(std::memory_order_relaxed);
    }
    if (result == 0 && which == CLOCK_MONOTONIC) {
        time->tv_sec += steady_clock_was_set_by.load(std::memory_order_relaxed);
    }
    return static_cast<int>(result);
}

TEST_CASE("setting the wall clock neither lengthens nor shortens a wait") {
    const auto before = std::chrono::system_clock::now();
    wall_clock_was_set_by = 3600;
    REQUIRE(std::chrono::system_clock::now() - before >= 1h); // the library's clocks go through the function above
    wall_clock_was_set_by = 0;

    const support::waits here;
    std::atomic<bool> over = false;
    std::thread setter([&] {
        for (std::time_t hours = 1; !over; hours = -hours) {
            wall_clock_was_set_by = hours * 3600;
            std::this_thread::sleep_for(2ms);
        }
        wall_clock_was_set_by = 0;
    });
    bool too_short = false;
    bool too_long = false;
    for (const auto& each : here.all) {
        const auto begin = clock_type::now();
        const bool ended = each.second(50ms);
        const auto took = clock_type::now() - begin;
        too_short = too_short || ended || took < 50ms;
        too_long = too_long || took > 20s;
    }
    over = true;
    setter.join();
    CHECK_FALSE(too_short);
    CHECK_FALSE(too_long);
}

TEST_CASE("a program whose steady clock is ahead of the kernel's, as by libfaketime, does not wait for longer") {
    const support::waits here;
    steady_clock_was_set_by = 3600;
    bool ended = false;
    for (const auto& each : here.all) {
        ended = each.second(50ms) || ended;
    }
    steady_clock_was_set_by = 0;
    CHECK_FALSE(ended);
}

#endif
