// What processes wait with, beside sem_t, pthread_cond_t, Boost's and a bare futex: a pair of operations that nobody disturbs, a hand-over to
// another process and back, and the processor time of a process that waits for something that does not come.
#include "support/check.hpp"
#include "support/contend.hpp"
#include "support/shared_peers.hpp"

#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/synchronize.hpp>

#include <benchmark/benchmark.h>
#include <boost/interprocess/sync/interprocess_condition.hpp>
#include <boost/interprocess/sync/interprocess_mutex.hpp>
#include <boost/interprocess/sync/interprocess_semaphore.hpp>
#include <boost/interprocess/sync/scoped_lock.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <thread>

#include <sched.h>

namespace {

namespace mp = multiprocessing;
namespace bip = boost::interprocess;
using namespace benchmarks;
using namespace std::chrono_literals;

// --- Semaphores and locks: the same to do for all -------------------------------------------------------------------
template <class Ours>
struct ours {
    explicit ours(unsigned permits) : object(permits) {}
    void acquire() const { object.lock(); }
    void release() const { object.unlock(); }
    Ours object;
};
struct our_lock {
    explicit our_lock(unsigned) {}
    void acquire() const { object.lock(); }
    void release() const { object.unlock(); }
    mp::Lock object;
};
template <class Theirs>
struct theirs {
    explicit theirs(unsigned permits) : object(permits) {}
    void acquire() const { object->acquire(); }
    void release() const { object->release(); }
    mapped<Theirs> object;
};
struct boost_semaphore_calls {
    explicit boost_semaphore_calls(unsigned permits) : object(permits) {}
    void acquire() { object.wait(); }
    void release() { object.post(); }
    bip::interprocess_semaphore object;
};
using semaphore = ours<mp::Semaphore>;
using bounded_semaphore = ours<mp::BoundedSemaphore>;
using sem_t_ = theirs<posix_semaphore>;
using boost_semaphore = theirs<boost_semaphore_calls>;
using futex = theirs<bare_futex>;

template <class Semaphore>
void pair(benchmark::State& state) {
    const Semaphore free(1);
    for (auto _ : state) {
        free.acquire();
        free.release();
    }
}
BENCHMARK(pair<our_lock>);
BENCHMARK(pair<semaphore>);
BENCHMARK(pair<bounded_semaphore>);
BENCHMARK(pair<sem_t_>);
BENCHMARK(pair<boost_semaphore>);
BENCHMARK(pair<futex>);

/// Set an event, wait for it, which is over at once, and clear it.
void pair_event(benchmark::State& state) {
    const mp::Event event;
    for (auto _ : state) {
        event.set();
        event.wait();
        event.clear();
    }
}
BENCHMARK(pair_event);

/// Lock, notify with nobody there, unlock.
void pair_condition(benchmark::State& state) {
    const mp::Condition condition{mp::Lock()};
    for (auto _ : state) {
        condition.lock();
        condition.notify();
        condition.unlock();
    }
}
BENCHMARK(pair_condition);
void pair_pthread_condition(benchmark::State& state) {
    const mapped<pthread_condition> condition;
    for (auto _ : state) {
        condition->lock();
        condition->notify();
        condition->unlock();
    }
}
BENCHMARK(pair_pthread_condition);

// --- Hand-over: to another process and back -------------------------------------------------------------------------
/// So many there and back in one iteration.
constexpr int rallies = 2000;

/// Keeps the calling thread on the processor of that number, while the object lives.
class pinned {
public:
    explicit pinned(int processor) {
        benchmarks::check(::sched_getaffinity(0, sizeof(before_), &before_) == 0, "sched_getaffinity");
        ::cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<std::size_t>(processor), &one);
        ::sched_setaffinity(0, sizeof(one), &one); // with fewer processors it stays where it is
    }
    ~pinned() { ::sched_setaffinity(0, sizeof(before_), &before_); }
    pinned(const pinned&) = delete;
    pinned& operator=(const pinned&) = delete;

private:
    ::cpu_set_t before_{};
};

/// `play(mine)`: one player; both do it, one in a child, each on a processor of its own, for the system likes to keep on one those who wake each
/// other. An iteration's time by hand: from when both are there.
template <class Play>
void rally(benchmark::State& state, Play play) {
    for (auto _ : state) {
        const mp::RawValue<std::atomic<int>> ready(0);
        const auto side = [&](int me) {
            const pinned here(me);
            ++*ready;
            while (*ready != 2) {
                std::this_thread::yield();
            }
            play(me);
        };
        auto child = mp::fork([&] { side(1); });
        while (*ready == 0) {
            std::this_thread::yield();
        }
        const auto begin = std::chrono::steady_clock::now();
        side(0);
        state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / (2.0 * rallies));
        child.join();
    }
}

template <class Semaphore>
void hand_over(benchmark::State& state) {
    const Semaphore there(0);
    const Semaphore back(0);
    rally(state, [&](int me) {
        for (int i = 0; i < rallies; ++i) {
            if (me == 0) {
                there.release();
                back.acquire();
            } else {
                there.acquire();
                back.release();
            }
        }
    });
}
BENCHMARK(hand_over<semaphore>)->Iterations(1)->UseManualTime();
BENCHMARK(hand_over<sem_t_>)->Iterations(1)->UseManualTime();
BENCHMARK(hand_over<boost_semaphore>)->Iterations(1)->UseManualTime();
BENCHMARK(hand_over<futex>)->Iterations(1)->UseManualTime();

void hand_over_event(benchmark::State& state) {
    const mp::Event there;
    const mp::Event back;
    rally(state, [&](int me) {
        const mp::Event& mine = me == 0 ? back : there;
        const mp::Event& other = me == 0 ? there : back;
        for (int i = 0; i < rallies; ++i) {
            if (me == 0) {
                other.set();
            }
            mine.wait();
            mine.clear();
            if (me == 1) {
                other.set();
            }
        }
    });
}
BENCHMARK(hand_over_event)->Iterations(1)->UseManualTime();

void hand_over_barrier(benchmark::State& state) {
    const mp::Barrier barrier(2);
    rally(state, [&](int) {
        for (int i = 0; i < 2 * rallies; ++i) {
            barrier.wait();
        }
    });
}
BENCHMARK(hand_over_barrier)->Iterations(1)->UseManualTime();

template <class Condition>
void take_turns(benchmark::State& state, Condition& condition) {
    const mp::RawValue<int> turn(0);
    rally(state, [&](int me) {
        for (int i = 0; i < rallies; ++i) {
            const std::lock_guard guard(condition);
            condition.wait([&] { return *turn % 2 == me; });
            ++*turn;
            condition.notify();
        }
    });
}
void hand_over_condition(benchmark::State& state) {
    const mp::Condition condition{mp::Lock()};
    take_turns(state, condition);
}
BENCHMARK(hand_over_condition)->Iterations(1)->UseManualTime();
void hand_over_pthread_condition(benchmark::State& state) {
    const mapped<pthread_condition> condition;
    take_turns(state, *condition);
}
BENCHMARK(hand_over_pthread_condition)->Iterations(1)->UseManualTime();
struct boost_condition {
    void lock() { mutex.lock(); }
    void unlock() { mutex.unlock(); }
    template <class Predicate>
    void wait(Predicate holds) {
        bip::scoped_lock<bip::interprocess_mutex> held(mutex, bip::accept_ownership);
        condition.wait(held, holds);
        held.release();
    }
    void notify() { condition.notify_one(); }
    bip::interprocess_mutex mutex;
    bip::interprocess_condition condition;
};
void hand_over_boost_condition(benchmark::State& state) {
    const mapped<boost_condition> condition;
    take_turns(state, *condition);
}
BENCHMARK(hand_over_boost_condition)->Iterations(1)->UseManualTime();

// --- Asleep: the processor time of one who waits --------------------------------------------------------------------
/// Real time: the time waited. As "cpu" time the whole second of a core that an idle process might have used is compared with, see
/// one_core. `part_of_a_core` is what it used.
template <class Wait>
void asleep(benchmark::State& state, Wait wait) {
    constexpr auto time = 400ms;
    for (auto _ : state) {
        const double before = seconds_used_by_children();
        mp::fork([&] { wait(time); }).join();
        const double used = seconds_used_by_children() - before;
        const double nothing = [&] {
            const double begin = seconds_used_by_children();
            mp::fork([] {}).join();
            return seconds_used_by_children() - begin;
        }();
        state.SetIterationTime(std::max(used - nothing, 1e-9) / std::chrono::duration<double>(time).count());
    }
}
void asleep_event(benchmark::State& state) {
    const mp::Event event;
    asleep(state, [&](auto time) { event.wait_for(time); });
}
BENCHMARK(asleep_event)->Iterations(1)->UseManualTime();
void asleep_condition(benchmark::State& state) {
    const mp::Condition condition;
    asleep(state, [&](auto time) {
        const std::lock_guard guard(condition);
        condition.wait_for(time);
    });
}
BENCHMARK(asleep_condition)->Iterations(1)->UseManualTime();
/// What the two above are compared with: one core, wholly used.
void asleep_never(benchmark::State& state) {
    for (auto _ : state) {
        state.SetIterationTime(1);
    }
}
BENCHMARK(asleep_never)->Iterations(1)->UseManualTime();

} // namespace

BENCHMARK_MAIN();
