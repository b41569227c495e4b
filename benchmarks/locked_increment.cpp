// counter += 1 under a lock, alone and with several processes: the library beside a robust recursive pthread mutex, Boost's recursive
// mutex, the least lock made of a futex, and CPython.
#include "support/boost_mutex.hpp"
#include "support/contend.hpp"
#include "support/futex_mutex.hpp"
#include "support/python.hpp"
#include "support/robust_mutex.hpp"

#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <benchmark/benchmark.h>

#include <chrono>

namespace {

struct shared_value {
    void increment() const { counter += 1; }
    multiprocessing::SharedValue<int> counter{0};
};

template <class Guarded>
struct peer {
    void increment() const {
        counter.update([](int& number) { number += 1; });
    }
    Guarded counter;
};
using pthread_mutex = peer<benchmarks::guarded_by_robust_mutex<int>>;
using boost_mutex = peer<benchmarks::guarded_by_boost_mutex<int>>;
using futex = peer<benchmarks::guarded_by_futex<int>>;

template <class Counter>
void alone(benchmark::State& state) {
    const Counter counter;
    for (auto _ : state) {
        counter.increment();
    }
}
BENCHMARK(alone<shared_value>);
BENCHMARK(alone<pthread_mutex>);
BENCHMARK(alone<boost_mutex>);
BENCHMARK(alone<futex>);

void alone_in_python(benchmark::State& state) {
    static const benchmarks::python python(R"(
import multiprocessing
counter = multiprocessing.Value('i', 0)
def work(times):
    for _ in range(times):
        with counter.get_lock():
            counter.value += 1
)");
    const std::int64_t times = 10'000;
    for (auto _ : state) {
        state.SetIterationTime(python.seconds_for(times) / static_cast<double>(times));
    }
}
BENCHMARK(alone_in_python)->Iterations(1)->UseManualTime();

/// One iteration is one race of 50 ms; the figure to look at is items per second.
template <class Counter>
void contended(benchmark::State& state) {
    using namespace std::chrono_literals;
    const Counter counter;
    for (auto _ : state) {
        const auto race = benchmarks::contend_undisturbed(static_cast<int>(state.range(0)), 50ms, [&] { counter.increment(); });
        state.SetIterationTime(race.seconds);
        state.SetItemsProcessed(race.operations);
        state.counters["processors"] = race.processors;
    }
}
BENCHMARK(contended<shared_value>)->Arg(1)->Arg(2)->Arg(4)->Arg(8)->Iterations(1)->UseManualTime();
BENCHMARK(contended<pthread_mutex>)->Arg(1)->Arg(2)->Arg(4)->Arg(8)->Iterations(1)->UseManualTime();
BENCHMARK(contended<boost_mutex>)->Arg(1)->Arg(2)->Arg(4)->Arg(8)->Iterations(1)->UseManualTime();
BENCHMARK(contended<futex>)->Arg(1)->Arg(2)->Arg(4)->Arg(8)->Iterations(1)->UseManualTime();

} // namespace

BENCHMARK_MAIN();
