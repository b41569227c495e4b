// counter += 1 under a lock, alone and with 2 and 4 processes: the library beside a robust recursive pthread mutex.
#include "support/contend.hpp"
#include "support/robust_mutex.hpp"

#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <benchmark/benchmark.h>

#include <chrono>

namespace {

struct shared_value {
    void increment() const { counter += 1; }
    multiprocessing::SharedValue<int> counter{0};
};

struct pthread_mutex {
    void increment() const {
        counter.update([](int& number) { number += 1; });
    }
    benchmarks::guarded_by_robust_mutex<int> counter;
};

template <class Counter>
void alone(benchmark::State& state) {
    const Counter counter;
    for (auto _ : state) {
        counter.increment();
    }
}
BENCHMARK(alone<shared_value>);
BENCHMARK(alone<pthread_mutex>);

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
BENCHMARK(contended<shared_value>)->Arg(2)->Arg(4)->Iterations(1)->UseManualTime();
BENCHMARK(contended<pthread_mutex>)->Arg(2)->Arg(4)->Iterations(1)->UseManualTime();

} // namespace

BENCHMARK_MAIN();
