// Promise 2: whoever is killed at any instruction of taking, keeping or giving back a lock leaves the lock to be had, and `owner_died()`
// says whether it was held.
//
// Taken out, and this file failed: the question whether the owner lives (life_registry::is_alive), the slices of a sleep (mutex::lock_slowly), the heir's
// raising of owner_died (mutex::inherit).
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <chrono>
#include <memory>
#include <optional>

#include <support/catch.hpp>
#include <support/kill_report.hpp>
#include <support/kill_scene.hpp>
#include <support/run.hpp>
#include <support/sanitized.hpp>
#include <support/stepper.hpp>

#include <unistd.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

namespace {

const auto fresh_lock = stepper::object([] { return mp::RLock(); });
const auto nothing_more = [](const mp::RLock&, bool) { return "free"; };
constexpr stepper::kill_options unordered{.in_order = false}; // "free" comes before and after

// What loops (a spin, the search of a table) is tried at the first rounds, and some later ones: all do the same.
const stepper::kill_options in_loops{.named = false, .which = {.repeats = 2, .own_only = stepper::own_only_unless_soaking()}};

} // namespace

TEST_CASE("killed at every instruction of lock and unlock", "[slow]") {
    if (sanitized) {
        return; // they make thousands of instructions of every one, and see nothing here that they do not see elsewhere
    }
    SECTION("alone") {
        const auto tried = stepper::kill_alone("lock, unlock", fresh_lock, [](const mp::RLock& lock) {
            lock.lock();
            lock.unlock();
        }, nothing_more, {.in_order = false});
        REQUIRE(tried.victims > 30); // it did step through something
    }
    SECTION("recursive") {
        const auto tried = stepper::kill_alone("lock 3 times, unlock 3 times", fresh_lock, [](const mp::RLock& lock) {
            for (int i = 0; i < 3; ++i) {
                lock.lock();
            }
            for (int i = 0; i < 3; ++i) {
                lock.unlock();
            }
        }, nothing_more, unordered);
        REQUIRE(tried.victims > 60);
    }
    SECTION("with a waiter") {
        REQUIRE(stepper::kill_with_waiter("unlock, somebody waits", fresh_lock,
                                          [](const mp::RLock& lock) { lock.unlock(); }, nothing_more).victims > 20);
    }
    SECTION("recursive, with a waiter") {
        const auto tried = stepper::kill_with_waiter("lock again, unlock twice, somebody waits", fresh_lock, [](const mp::RLock& lock) {
            lock.lock();
            lock.unlock();
            lock.unlock();
        }, nothing_more);
        REQUIRE(tried.victims > 40);
    }
}

TEST_CASE("killed at every instruction of waiting for a lock", "[slow]") {
    if (sanitized) {
        return;
    }
    SECTION("in vain: try_lock_for times out") {
        // The test holds the lock all the while: it stays the test's, and another process has it next.
        stepper::kill_report report("try_lock_for that times out", false);
        const auto tried = stepper::kill_at_every_instruction(
            [] {
                auto stage = fresh_lock();
                stage->object.lock();
                stage->actor.emplace([&] { support::expect(!stage->object.try_lock_for(300us)); });
                return stage;
            },
            [&](auto& stage, bool completed) {
                const mp::RLock& lock = stage.object;
                lock.lock(); // one level more: still ours
                lock.unlock();
                stage.next.emplace(lock);
                stepper::await_a_waiter(lock);
                const auto begin = std::chrono::steady_clock::now();
                lock.unlock();
                support::expect(stage.next->had_it(), "the next has the lock");
                report.note_wait(stage.next->had_at() - begin);
                support::expect(!lock.owner_died(), "nobody died with the lock");
                report.note("free", completed);
            },
            in_loops.which);
        report.print(tried);
        REQUIRE(tried.victims > 100);
    }
    SECTION("until it has it: the holder gives the lock back as soon as somebody waits") {
        stepper::kill_report report("lock that has to wait", false);
        struct stage_with_holder : stepper::scene<mp::RLock> {
            using scene::scene;
            std::optional<support::child_process> holder;
        };
        const auto tried = stepper::kill_at_every_instruction(
            [] {
                auto stage = std::make_unique<stage_with_holder>(mp::RLock());
                stage->holder.emplace([&lock = stage->object] {
                    lock.lock();
                    stepper::await_a_waiter(lock);
                    lock.unlock();
                });
                while (stepper::owner_of(stage->object).is_nobody()) {
                    ::sched_yield();
                }
                stage->actor.emplace([&lock = stage->object] {
                    lock.lock();
                    lock.unlock();
                });
                return stage;
            },
            [&](stage_with_holder& stage, bool completed) {
                const mp::RLock& lock = stage.object;
                // Killed before it waited, somebody else must, or the holder holds on.
                stage.next.emplace(lock);
                support::expect(stage.next->had_it(), "the next has the lock");
                support::expect(stage.holder->wait() == 0);
                report.note_wait(stage.next->had_at() - stage.died_at());
                support::expect(lock.try_lock(), "it is free");
                support::expect(!lock.owner_died() || !completed, "who has done holds nothing");
                report.note(lock.owner_died() ? "recovered" : "free", completed);
                lock.unlock();
            },
            in_loops.which);
        report.print(tried);
        REQUIRE(tried.victims > 100);
    }
}

TEST_CASE("killed at every instruction of a process's first lock", "[slow]") {
    if (sanitized) {
        return;
    }
    const auto tried = stepper::kill_alone("first lock of a process, unlock", fresh_lock, [](const mp::RLock& lock) {
        lock.lock();
        lock.unlock();
    }, nothing_more, in_loops);
    REQUIRE(tried.victims > 100);
}
