// Event::set, is_set and clear in a signal handler, whatever it interrupts.
//
// Taken out once, to see it fail: with a mutex around what set and is_set do (as Python's Event has its condition's lock), the storm hangs.
#include <multiprocessing/synchronize/event.hpp>

#include <atomic>
#include <chrono>
#include <csignal>

#include <support/catch.hpp>
#include <support/run.hpp>

#include <sched.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

namespace {

const mp::Event* of_handler = nullptr;

/// In a child: from now on SIGUSR1 does this to the event.
void handle_with(const mp::Event& event, void (*handler)(int)) {
    of_handler = &event;
    struct ::sigaction action {};
    action.sa_handler = handler;
    ::sigaction(SIGUSR1, &action, nullptr);
}

} // namespace

TEST_CASE("Event::set in a signal handler ends the wait that it interrupts") {
    const mp::Event event;
    const support::shared<support::flag> ready;
    support::child_process child([&] {
        handle_with(event, [](int) { of_handler->set(); });
        ready->raise();
        return event.wait_for(30s) ? 0 : 1;
    });
    ready->wait();
    REQUIRE(support::eventually([&] { return support::state_of(child.pid()) == 'S'; }));
    child.send(SIGUSR1);
    REQUIRE(child.wait() == 0);
    REQUIRE(event.is_set());
}

TEST_CASE("Event: set, is_set and clear in a signal handler, in a storm of signals") {
    struct scene {
        support::flag ready;
        std::atomic<long> handled;
        std::atomic<bool> over;
    };
    const mp::Event event;
    const mp::Event end;
    const support::shared<scene> here;
    static std::atomic<long>* handled = nullptr;
    support::child_process child([&] {
        handled = &here->handled;
        handle_with(event, [](int) {
            const bool was_set = of_handler->is_set();
            of_handler->set();
            if (was_set) {
                of_handler->clear();
            }
            ++*handled;
        });
        here->ready.raise();
        while (!here->over) { // something of it is interrupted all the time
            for (int i = 0; i < 10'000; ++i) {
                event.set();
                static_cast<void>(event.is_set());
                event.clear();
            }
            static_cast<void>(event.wait_for(100us));
        }
        event.set();
        return event.is_set() && event.wait_for(0s) ? 0 : 1;
    });
    here->ready.wait();
    const auto until = std::chrono::steady_clock::now() + 500ms;
    long sent = 0;
    for (; std::chrono::steady_clock::now() < until; ++sent) {
        const long before = here->handled;
        child.send(SIGUSR1);
        REQUIRE(support::eventually([&] { return here->handled != before; }));
    }
    here->over = true;
    REQUIRE(child.wait() == 0);
    REQUIRE(sent > 10);
}
