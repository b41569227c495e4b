// Taken out once, to see it fail: without the number of settings in the word, "a pulse reaches ..."; without the slices (a wait
// with no end), "a set whose wake was never given ...".
#include <multiprocessing/synchronize/event.hpp>

#include "support/catch.hpp"
#include "support/start.hpp"

#include <atomic>
#include <chrono>
#include <sstream>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

static_assert(std::is_copy_constructible_v<mp::Event> && !std::is_copy_assignable_v<mp::Event>);

namespace {

mp::detail::event_state& state_of(const mp::Event& event) {
    return *reinterpret_cast<mp::detail::event_state*>(mp::detail::primitive_access::block(event).address());
}

void until_somebody_sleeps_on(const mp::Event& event) {
    static_cast<void>(support::soon([&] { return (state_of(event).word.load() & mp::detail::event_state::somebody_sleeps) != 0; }));
}

} // namespace

TEST_CASE("Event::set") {
    const mp::Event event;
    CHECK_FALSE(event.is_set());
    event.set();
    CHECK(event.is_set());
    event.set();
    CHECK(event.is_set());
    const mp::Event copy = event;
    copy.clear();
    CHECK_FALSE(event.is_set());
}

TEST_CASE("Event::wait") {
    const mp::Event event;

    SECTION("of an event that is set does not wait") {
        event.set();
        event.wait();
        CHECK(event.wait_for(0s));
        CHECK(event.wait_for(-1s));
        CHECK(event.wait_until(std::chrono::system_clock::now() - 1h));
    }
    SECTION("is ended by set, for all who wait") {
        std::atomic<int> woken = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 5; ++i) {
            threads.emplace_back([&] {
                event.wait();
                ++woken;
            });
        }
        until_somebody_sleeps_on(event);
        CHECK(woken == 0);
        event.set();
        for (auto& each : threads) {
            each.join();
        }
        CHECK(woken == 5);
    }
    SECTION("what was done before set is seen by whom it wakes") {
        const mp::Event there;
        const mp::Event back;
        int plain = 0; // the thread sanitizer watches it
        std::thread other([&] {
            for (int i = 0; i < 300; ++i) {
                there.wait();
                there.clear();
                ++plain;
                back.set();
            }
        });
        for (int i = 0; i < 300; ++i) {
            ++plain;
            there.set();
            back.wait();
            back.clear();
        }
        other.join();
        CHECK(plain == 600);
    }
    SECTION("a pulse reaches those who sleep, though the event is not set any more when they run") {
        for (int i = 0; i < 200; ++i) {
            const mp::Event fresh; // on another one the mark of the last sleeper may be left
            std::atomic<bool> was_set = false;
            std::thread waiter([&] { was_set = fresh.wait_for(60s); });
            until_somebody_sleeps_on(fresh);
            fresh.set();
            fresh.clear();
            waiter.join();
            REQUIRE(was_set);
        }
    }
    SECTION("a set whose wake was never given is seen at the end of a slice") {
        // What a process leaves that is killed between the two.
        std::atomic<bool> was_set = false;
        std::thread waiter([&] { was_set = event.wait_for(60s); });
        until_somebody_sleeps_on(event);
        std::this_thread::sleep_for(30ms);
        const auto begin = std::chrono::steady_clock::now();
        state_of(event).word = mp::detail::event_state::is_set_bit | mp::detail::event_state::one_setting;
        waiter.join();
        CHECK(was_set);
        CHECK(std::chrono::steady_clock::now() - begin < 30s);
    }
}

TEST_CASE("Event::wait_for") {
    const mp::Event event;
    for (const auto wait : {0ms, 1ms, 60ms}) {
        const auto begin = std::chrono::steady_clock::now();
        CHECK_FALSE(event.wait_for(wait));
        CHECK(std::chrono::steady_clock::now() - begin >= wait);
    }
    CHECK_FALSE(event.wait_for(-1h));
    CHECK_FALSE(event.wait_until(std::chrono::steady_clock::now() + 5ms));
    CHECK_FALSE(event.wait_until(std::chrono::system_clock::now() - 1h));
}

TEST_CASE("Event: printed as Python prints it") {
    const mp::Event event;
    std::ostringstream text;
    text << event;
    event.set();
    text << event;
    CHECK(text.str().find("<Event at 0x") == 0);
    CHECK(text.str().find(" unset><Event at ") != std::string::npos);
    CHECK(text.str().substr(text.str().size() - 5) == " set>");
}
