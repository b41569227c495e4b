// Promise 2 for what processes wait with: a process killed at any instruction of a blocking or a releasing operation leaves the others as they
// were, or as if the operation had been done: no permit doubled, no waiter asleep beside what it waits for.
//
// Taken out once, to see it fail: what each section names; and that the permits of the dead are free (permit_table::is_free) for all sections with a
// BoundedSemaphore that somebody waits for, and that the lives of those who have arrived are asked after (barrier_state::somebody_died) for all with a Barrier
// that is killed in `wait`.

#include <multiprocessing/synchronize.hpp>
#include <multiprocessing/synchronize/detail/barrier_state.hpp>
#include <multiprocessing/synchronize/detail/waiter_table.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <support/catch.hpp>
#include <support/run.hpp>
#include <support/sanitized.hpp>
#include <support/stepper.hpp>

#include <sched.h>
#include <unistd.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

namespace {

template <class State>
State& state_of(const mp::detail::primitive<State>& handle) {
    return *reinterpret_cast<State*>(mp::detail::primitive_access::block(handle).address());
}

// Sanitizers watch nothing here that they do not watch elsewhere.
constexpr bool affordable = !sanitized;

/// Something to synchronize with, processes that wait for it, and the victim.
template <class Primitive>
struct scene {
    explicit scene(Primitive what) : object(std::move(what)) {}

    Primitive object;
    std::vector<support::child_process> others;
    std::optional<stepper::victim> prey;
    support::shared<std::atomic<bool>> is_dead;

    [[nodiscard]] stepper::victim& victim() { return *prey; }
    void kill() { prey->kill(); }

    /// What lies in shared memory.
    [[nodiscard]] auto& state() const { return state_of(object); }

    /// A process that does this and ends with what it returns.
    template <class Work>
    void start(Work work) {
        others.emplace_back([this, work] { return work(object) ? 0 : 1; });
    }
    /// Whether each of the others had what it waited for, in its time.
    [[nodiscard]] bool all_had_it() {
        bool all = true;
        for (auto& each : others) {
            all = each.wait() == 0 && all;
        }
        return all;
    }
};

/// A victim is named before it is stepped. And it has waited in vain, so that it does not look long before it sleeps: what is of interest is
/// how it goes to sleep and what it does when it is woken.
void prepare_victim() {
    static_cast<void>(mp::robust::enrol_this_thread());
    const mp::Event never;
    for (int i = 0; i < 6; ++i) {
        static_cast<void>(never.wait_for(50us));
    }
}

/// Long enough for a victim that is stepped to go to sleep.
constexpr auto a_while = 3ms;

// What loops (a look, a search) is tried at the first rounds, and some later ones: all do the same.
const stepper::selection in_loops{.repeats = 2, .own_only = stepper::own_only_unless_soaking()};

template <class Primitive, class Prepare, class Operation, class Check>
long kill_everywhere(Primitive (*make)(), Prepare prepare, Operation operation, Check check, const stepper::selection& which = in_loops) {
    return stepper::kill_at_every_instruction(
        [&] {
            auto stage = std::make_unique<scene<Primitive>>(make());
            prepare(*stage);
            stage->prey.emplace(prepare_victim, [&] { operation(stage->object); });
            return stage;
        },
        [&](scene<Primitive>& stage, bool completed) {
            *stage.is_dead = true;
            check(stage, completed);
        },
        which).victims;
}

/// So long may what heals in two slices take on a machine that does much else.
constexpr auto soon = support::patience / 2;

bool is_asleep(::pid_t pid) {
    return support::eventually([&] { return support::state_of(pid) == 'S'; });
}

} // namespace

TEST_CASE("killed at every instruction of Lock::lock and Lock::unlock") {
    if (!affordable) {
        return;
    }
    // Without the question whether the owner lives (mutex::try_take) this fails.
    REQUIRE(kill_everywhere(
                +[] { return mp::Lock(); }, [](auto&) {},
                [](const mp::Lock& lock) {
                    lock.lock();
                    lock.unlock();
                },
                [](auto& stage, bool) {
                    REQUIRE(stage.object.try_lock_for(soon));
                    stage.object.unlock();
                }) > 20);
    REQUIRE(kill_everywhere(
                +[] { return mp::Lock(); }, [](auto&) {},
                [](const mp::Lock& lock) {
                    lock.lock();
                    static_cast<void>(lock.try_lock()); // of one's own: in and out again
                },
                [](auto& stage, bool completed) {
                    REQUIRE(stage.object.try_lock_for(soon));
                    REQUIRE((stage.object.owner_died() || !completed));
                    stage.object.unlock();
                    REQUIRE_FALSE(mp::detail::lock_access::header(stage.object).is_owner());
                }) > 20);
}

TEST_CASE("killed at every instruction of Event::set and Event::wait") {
    if (!affordable) {
        return;
    }
    SECTION("set, with one asleep: it hears of it, if the event is set") {
        // Without the slices (sleeping_slices::sleep until the deadline) this fails.
        REQUIRE(kill_everywhere(
                    +[] { return mp::Event(); },
                    [](auto& stage) {
                        stage.start([](const mp::Event& event) { return event.wait_for(soon); });
                        REQUIRE(is_asleep(stage.others[0].pid()));
                    },
                    [](const mp::Event& event) { event.set(); },
                    [](auto& stage, bool completed) {
                        REQUIRE((stage.object.is_set() || !completed));
                        stage.object.is_set() ? void() : stage.object.set();
                        REQUIRE(stage.all_had_it());
                    }) > 5);
    }
    SECTION("clear: it is set or not, and can be set") {
        REQUIRE(kill_everywhere(
                    +[] { return mp::Event(); }, [](auto& stage) { stage.object.set(); },
                    [](const mp::Event& event) { event.clear(); },
                    [](auto& stage, bool completed) {
                        REQUIRE((!stage.object.is_set() || !completed));
                        stage.object.set();
                        REQUIRE(stage.object.wait_for(0s));
                    }) > 3);
    }
    SECTION("wait, until somebody sets it: another one who waits hears of it too") {
        REQUIRE(kill_everywhere(
                    +[] { return mp::Event(); },
                    [](auto& stage) {
                        stage.start([&stage](const mp::Event& event) {
                            while ((stage.state().word.load() & mp::detail::event_state::somebody_sleeps) == 0) {
                                ::sched_yield();
                            }
                            event.set();
                            return true;
                        });
                    },
                    [](const mp::Event& event) { event.wait(); },
                    [](auto& stage, bool) {
                        stage.start([](const mp::Event& event) { return event.wait_for(soon); });
                        REQUIRE(stage.all_had_it());
                    }) > 20);
    }
    SECTION("wait and its time-out: nothing is left that disturbs others") {
        REQUIRE(kill_everywhere(
                    +[] { return mp::Event(); }, [](auto&) {},
                    [](const mp::Event& event) { static_cast<void>(event.wait_for(a_while)); },
                    [](auto& stage, bool) {
                        REQUIRE_FALSE(stage.object.is_set());
                        stage.object.set();
                        REQUIRE(stage.object.wait_for(0s));
                        stage.object.clear();
                        REQUIRE_FALSE(stage.object.wait_for(0s));
                    }) > 5);
    }
}

TEST_CASE("killed at every instruction of Semaphore::acquire and release") {
    if (!affordable) {
        return;
    }
    SECTION("release, with one asleep: it has the permit, if it was given") {
        REQUIRE(kill_everywhere(
                    +[] { return mp::Semaphore(0); },
                    [](auto& stage) {
                        stage.start([](const mp::Semaphore& semaphore) { return semaphore.try_lock_for(soon); });
                        REQUIRE(is_asleep(stage.others[0].pid()));
                    },
                    [](const mp::Semaphore& semaphore) { semaphore.release(); },
                    [](auto& stage, bool completed) {
                        // A permit that is there is taken by the one who sleeps, though nobody may have woken it.
                        const auto is_over = [&] { return support::state_of(stage.others[0].pid()) == 'Z'; };
                        REQUIRE(support::eventually([&] { return stage.object.value() == 0 || is_over(); }));
                        if (!completed) {
                            stage.object.release(); // in the victim's stead, who may have given none
                        }
                        REQUIRE(stage.all_had_it());
                        REQUIRE(stage.object.value() <= (completed ? 0 : 1));
                    }) > 5);
    }
    SECTION("release of several, with two asleep: all are given or none") {
        REQUIRE(kill_everywhere(
                    +[] { return mp::Semaphore(0); },
                    [](auto& stage) {
                        for (std::size_t i = 0; i < 2; ++i) {
                            stage.start([](const mp::Semaphore& semaphore) { return semaphore.try_lock_for(soon); });
                            REQUIRE(is_asleep(stage.others[i].pid()));
                        }
                    },
                    [](const mp::Semaphore& semaphore) { semaphore.release(3); },
                    [](auto& stage, bool completed) {
                        if (stage.object.value() == 0) { // of three, two are taken at most
                            REQUIRE_FALSE(completed);
                            stage.object.release(3);
                        }
                        REQUIRE(stage.all_had_it());
                        REQUIRE(stage.object.value() == 1);
                    }) > 5);
    }
    SECTION("acquire that has to wait: the permit is there, or was in the victim's hands") {
        REQUIRE(kill_everywhere(
                    +[] { return mp::Semaphore(0); },
                    [](auto& stage) {
                        stage.start([&stage](const mp::Semaphore& semaphore) {
                            while ((stage.state().word.load() & 1) == 0) { // until somebody sleeps
                                ::sched_yield();
                            }
                            semaphore.release();
                            return true;
                        });
                    },
                    [](const mp::Semaphore& semaphore) {
                        semaphore.acquire();
                        semaphore.release();
                    },
                    [](auto& stage, bool completed) {
                        stage.start([](const mp::Semaphore& semaphore) { return semaphore.try_lock_for(soon); });
                        REQUIRE(stage.others[0].wait() == 0); // it gives as soon as the victim sleeps, or the other one
                        if (!completed) {
                            stage.object.release(); // for the one that may be gone with the victim
                        }
                        REQUIRE(stage.others[1].wait() == 0);
                        REQUIRE(stage.object.value() <= (completed ? 0 : 1));
                        stage.others.clear();
                    }) > 30);
    }
    SECTION("acquire and release: a permit is there, or was in the victim's hands") {
        REQUIRE(kill_everywhere(
                    +[] { return mp::Semaphore(3); }, [](auto&) {},
                    [](const mp::Semaphore& semaphore) {
                        semaphore.acquire();
                        semaphore.release();
                    },
                    [](auto& stage, bool completed) {
                        REQUIRE((stage.object.value() == 3 || (stage.object.value() == 2 && !completed)));
                    }) > 5);
    }
    SECTION("a wait that times out takes nothing") {
        REQUIRE(kill_everywhere(
                    +[] { return mp::Semaphore(0); }, [](auto&) {},
                    [](const mp::Semaphore& semaphore) { static_cast<void>(semaphore.try_lock_for(a_while)); },
                    [](auto& stage, bool) {
                        REQUIRE(stage.object.value() == 0);
                        stage.object.release();
                        REQUIRE(stage.object.try_lock());
                    }) > 5);
    }
}

TEST_CASE("killed at every instruction of BoundedSemaphore::acquire and release") {
    if (!affordable) {
        return;
    }
    SECTION("all permits are back, whatever the victim had") {
        // Without take_of_dead and is_free this fails.
        REQUIRE(kill_everywhere(
                    +[] { return mp::BoundedSemaphore(2); }, [](auto&) {},
                    [](const mp::BoundedSemaphore& semaphore) {
                        semaphore.acquire();
                        semaphore.acquire();
                        semaphore.release();
                    },
                    [](auto& stage, bool) {
                        REQUIRE(stage.object.value() == 2);
                        REQUIRE(stage.object.try_lock());
                        REQUIRE(stage.object.try_lock());
                        REQUIRE_FALSE(stage.object.try_lock());
                    }) > 20);
    }
    SECTION("acquire that has to wait: the permit is there for the next") {
        REQUIRE(kill_everywhere(
                    +[] { return mp::BoundedSemaphore(1); },
                    [](auto& stage) {
                        stage.start([&stage](const mp::BoundedSemaphore& semaphore) {
                            semaphore.acquire();
                            while ((stage.state().word.load() & 1) == 0) { // until somebody sleeps
                                ::sched_yield();
                            }
                            semaphore.release();
                            return true;
                        });
                        REQUIRE(support::eventually([&] { return stage.object.value() == 0; }));
                    },
                    [](const mp::BoundedSemaphore& semaphore) { semaphore.acquire(); },
                    [](auto& stage, bool) {
                        stage.start([](const mp::BoundedSemaphore& semaphore) { return semaphore.try_lock_for(soon); });
                        REQUIRE(stage.all_had_it());
                        REQUIRE(stage.object.value() == 1);
                    }) > 50);
    }
    SECTION("a wait that times out takes nothing") {
        REQUIRE(kill_everywhere(
                    +[] { return mp::BoundedSemaphore(1); }, [](auto& stage) { stage.object.acquire(); },
                    [](const mp::BoundedSemaphore& semaphore) { static_cast<void>(semaphore.try_lock_for(a_while)); },
                    [](auto& stage, bool) {
                        REQUIRE(stage.object.value() == 0);
                        stage.object.release();
                        REQUIRE(stage.object.try_lock());
                    }) > 50);
    }
    SECTION("one who sleeps has what the victim gave, or had") {
        REQUIRE(stepper::kill_at_every_instruction(
                    [] {
                        auto stage = std::make_unique<scene<mp::BoundedSemaphore>>(mp::BoundedSemaphore(1));
                        stage->prey.emplace([&] { stage->object.acquire(); }, [&] { stage->object.release(); });
                        stage->start([](const mp::BoundedSemaphore& semaphore) { return semaphore.try_lock_for(soon); });
                        REQUIRE(is_asleep(stage->others[0].pid()));
                        return stage;
                    },
                    [](auto& stage, bool) {
                        REQUIRE(stage.all_had_it());
                        REQUIRE(stage.object.value() == 1);
                    }).victims > 20);
    }
}

TEST_CASE("killed at every instruction of Condition::notify and Condition::wait", "[slow]") {
    if (!affordable) {
        return;
    }
    const auto waits = [](const mp::Condition& condition) {
        const std::scoped_lock guard(condition);
        return condition.wait_for(soon);
    };
    SECTION("notify, of one and of all, with two asleep: if the victim held the lock, both hear of it though nobody notifies") {
        // Without deaths_settled (waiter_table::settle) this fails.
        static bool all = false;
        all = GENERATE(false, true);
        CAPTURE(all);
        struct with_lock {
            mp::RLock lock;
            mp::Condition condition{lock};
        };
        REQUIRE(kill_everywhere(
                    +[] { return with_lock(); },
                    [&](auto& stage) {
                        for (std::size_t i = 0; i < 2; ++i) {
                            stage.start([&](const with_lock& object) { return waits(object.condition); });
                            REQUIRE(is_asleep(stage.others[i].pid()));
                        }
                    },
                    [](const with_lock& object) {
                        object.lock.lock();
                        all ? object.condition.notify_all() : object.condition.notify();
                        object.lock.unlock();
                    },
                    [](auto& stage, bool) {
                        const auto& header = mp::detail::lock_access::header(stage.object.lock);
                        if (header.deaths() == 0 && header.word.load() == 0) { // it had not begun, or had notified one
                            const std::scoped_lock guard(stage.object.lock);
                            stage.object.condition.notify(2);
                        }
                        REQUIRE(stage.all_had_it());
                    }) > 50);
    }
    SECTION("wait, until it is notified: a notification that the victim was given, and did not use, goes to the next") {
        // Without passing on (waiter_table::settle), or without looking for it in a slice (waiter_table::look_after), this fails.
        REQUIRE(kill_everywhere(
                    +[] { return mp::Condition(); },
                    [&](auto& stage) {
                        const auto are_waiting = [&stage](std::size_t count) { return stage.state().waiting_count(mp::detail::primitive_access::places(stage.object)) >= count; };
                        stage.start([&stage, are_waiting](const mp::Condition& condition) { // after the victim
                            while (!are_waiting(1) && !*stage.is_dead) {
                                ::sched_yield();
                            }
                            const std::scoped_lock guard(condition);
                            return condition.wait_for(soon);
                        });
                        stage.start([&stage, are_waiting](const mp::Condition& condition) { // whether it notified
                            while (!are_waiting(2) && !*stage.is_dead) {
                                ::sched_yield();
                            }
                            const std::scoped_lock guard(condition);
                            const bool both_wait = are_waiting(2);
                            condition.notify(both_wait ? 1 : 0);
                            return both_wait;
                        });
                    },
                    [](const mp::Condition& condition) {
                        condition.lock();
                        condition.wait(); // and then it dies, with the lock: so the next is to hear of it, wherever the victim was
                    },
                    [](auto& stage, bool) {
                        const bool was_notified = stage.others[1].wait() == 0;
                        const auto is_over = [&] { return support::state_of(stage.others[0].pid()) == 'Z'; };
                        const auto notify = [&] { // not in a row: a lock that one process takes again and again is had by no other on a busy processor
                            const std::scoped_lock guard(stage.object);
                            stage.object.notify();
                        };
                        // The victim did not wait, or it is not known whether the other one does.
                        REQUIRE((was_notified || support::eventually([&] { return is_over() || (notify(), false); })));
                        REQUIRE(stage.others[0].wait() == 0);
                        stage.others.clear();
                    }) > 100);
    }
    SECTION("wait and its time-out: it leaves nothing that takes a notification") {
        // Without freeing the places of the dead (waiter_table::settle), the notification goes to the dead.
        REQUIRE(kill_everywhere(
                    +[] { return mp::Condition(); }, [](auto&) {},
                    [](const mp::Condition& condition) {
                        condition.lock();
                        static_cast<void>(condition.wait_for(a_while));
                        condition.unlock();
                    },
                    [&](auto& stage, bool) {
                        REQUIRE(stage.object.try_lock_for(soon));
                        stage.object.unlock();
                        stage.start(waits);
                        REQUIRE(is_asleep(stage.others[0].pid()));
                        {
                            const std::scoped_lock guard(stage.object);
                            stage.object.notify();
                        }
                        REQUIRE(stage.all_had_it());
                    }) > 50);
    }
}

TEST_CASE("killed at every instruction of Barrier::wait") {
    if (!affordable) {
        return;
    }
    const auto broken_or_passed = [](const mp::Barrier& barrier) {
        try {
            barrier.wait_for(soon);
        } catch (const mp::BrokenBarrier&) {
            return barrier.broken();
        }
        return !barrier.broken();
    };
    const auto is_told = [](const mp::Barrier& barrier, std::chrono::milliseconds wait) { // in its time, whatever it is told
        const auto begin = std::chrono::steady_clock::now();
        try {
            barrier.wait_for(wait);
        } catch (const mp::BrokenBarrier&) {
        }
        return std::chrono::steady_clock::now() - begin < wait;
    };
    SECTION("as the last to arrive: the others pass, or it is broken, or they still wait for one") {
        REQUIRE(kill_everywhere(
                    +[] { return mp::Barrier(2); },
                    [&](auto& stage) {
                        stage.start(broken_or_passed);
                        REQUIRE(is_asleep(stage.others[0].pid()));
                    },
                    [](const mp::Barrier& barrier) { barrier.wait(); },
                    [](auto& stage, bool completed) {
                        if (!completed && !stage.object.broken() && stage.object.n_waiting() == 1) {
                            try {
                                stage.object.wait_for(soon); // in the victim's stead, who had not arrived
                            } catch (const mp::BrokenBarrier&) {
                            }
                        }
                        const auto begin = std::chrono::steady_clock::now();
                        REQUIRE(stage.all_had_it());
                        REQUIRE(std::chrono::steady_clock::now() - begin < soon); // not by its time-out
                        REQUIRE((!completed || !stage.object.broken()));
                    }) > 50);
    }
    SECTION("as the first to arrive, until the other comes: that one passes, or is told, or still waits for one") {
        // Without asking who lives (barrier_state::somebody_died) this fails.
        REQUIRE(kill_everywhere(
                    +[] { return mp::Barrier(2); },
                    [&](auto& stage) {
                        stage.start([&stage, is_told](const mp::Barrier& barrier) {
                            while (barrier.n_waiting() == 0 && !*stage.is_dead) {
                                ::sched_yield();
                            }
                            if (!*stage.is_dead) {
                                std::this_thread::sleep_for(a_while); // the victim is to fall asleep
                            }
                            return is_told(barrier, soon);
                        });
                    },
                    [](const mp::Barrier& barrier) { barrier.wait(); },
                    [&](auto& stage, bool completed) {
                        if (stage.state().rounds == 0) { // the victim had not arrived, or nobody has noticed yet
                            static_cast<void>(is_told(stage.object, 1s));
                        }
                        REQUIRE(stage.all_had_it());
                        REQUIRE((!completed || !stage.object.broken()));
                    }) > 100);
    }
    SECTION("reset and abort, with one asleep: it is told, or waits on") {
        static bool by_abort = false;
        by_abort = GENERATE(false, true);
        CAPTURE(by_abort);
        static constexpr auto end_round = [](const mp::Barrier& barrier) { by_abort ? barrier.abort() : barrier.reset(); };
        REQUIRE(kill_everywhere(
                    +[] { return mp::Barrier(2); },
                    [&](auto& stage) {
                        stage.start([](const mp::Barrier& barrier) {
                            try {
                                barrier.wait_for(soon);
                            } catch (const mp::BrokenBarrier&) {
                                return true;
                            }
                            return false;
                        });
                        REQUIRE(is_asleep(stage.others[0].pid()));
                    },
                    [](const mp::Barrier& barrier) { end_round(barrier); },
                    [&](auto& stage, bool completed) {
                        if (stage.state().rounds == 0) {
                            REQUIRE_FALSE(completed);
                            end_round(stage.object);
                        }
                        const auto begin = std::chrono::steady_clock::now();
                        REQUIRE(stage.all_had_it());
                        REQUIRE(std::chrono::steady_clock::now() - begin < soon); // not by its time-out
                        REQUIRE(stage.object.broken() == by_abort);
                        stage.object.reset();
                        REQUIRE_FALSE(stage.object.broken());
                    }) > 5);
    }
    SECTION("as the first to arrive, up to its time-out: the next is told, or waits for another") {
        REQUIRE(kill_everywhere(
                    +[] { return mp::Barrier(2); }, [](auto&) {},
                    [](const mp::Barrier& barrier) { // wait_for(-1s), without the thousands of instructions of its exception
                        auto& state = *reinterpret_cast<mp::detail::barrier_state*>(mp::detail::primitive_access::block(barrier).address());
                        const auto places = mp::detail::primitive_access::places(barrier);
                        const auto now = mp::platform::clock::now();
                        if (const auto mine = state.arrive(places, now)) {
                            static_cast<void>(state.wait_for_end(places, *mine, now));
                        }
                    },
                    [](auto& stage, bool completed) {
                        const bool had_arrived = stage.object.n_waiting() == 1 || stage.object.broken();
                        REQUIRE((had_arrived || !completed));
                        if (had_arrived) {
                            REQUIRE_THROWS_AS(stage.object.wait_for(soon), mp::BrokenBarrier);
                        }
                        stage.object.reset();
                        REQUIRE_FALSE(stage.object.broken());
                        const mp::Barrier& barrier = stage.object;
                        support::child_process other([&] { return barrier.wait_for(soon) <= 1 ? 0 : 1; });
                        barrier.wait_for(soon);
                        REQUIRE(other.wait() == 0);
                    }) > 50);
    }
}
