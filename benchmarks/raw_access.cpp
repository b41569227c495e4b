// Objects without a lock, and an array whose lock is taken once for a loop, beside ordinary variables.
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>

#include <benchmark/benchmark.h>

#include <atomic>
#include <cstddef>
#include <numeric>
#include <vector>

namespace {

namespace mp = multiprocessing;

void increment_raw_value(benchmark::State& state) {
    const mp::RawValue<int> number(0);
    for (auto _ : state) {
        ++number.value();
        benchmark::ClobberMemory();
    }
}
BENCHMARK(increment_raw_value);

void increment_int(benchmark::State& state) {
    int number = 0;
    benchmark::DoNotOptimize(&number);
    for (auto _ : state) {
        ++number;
        benchmark::ClobberMemory();
    }
}
BENCHMARK(increment_int);

void fetch_add_raw_value(benchmark::State& state) {
    const mp::RawValue<std::atomic<int>> number(0);
    for (auto _ : state) {
        number->fetch_add(1);
    }
}
BENCHMARK(fetch_add_raw_value);

void fetch_add_atomic(benchmark::State& state) {
    std::atomic<int> number = 0;
    benchmark::DoNotOptimize(&number);
    for (auto _ : state) {
        number.fetch_add(1);
    }
}
BENCHMARK(fetch_add_atomic);

constexpr std::size_t length = 1'000'000;

template <class Range>
void sum_of(benchmark::State& state, const Range& numbers) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(std::accumulate(numbers.begin(), numbers.end(), 0.0));
    }
}

void sum_raw_array(benchmark::State& state) { sum_of(state, mp::RawArray<double>(std::vector(length, 0.5))); }
BENCHMARK(sum_raw_array);

void sum_vector(benchmark::State& state) { sum_of(state, std::vector(length, 0.5)); }
BENCHMARK(sum_vector);

void sum_synchronized_array(benchmark::State& state) {
    const mp::SharedArray<double> numbers(std::vector(length, 0.5));
    for (auto _ : state) {
        const auto locked = numbers.synchronize();
        benchmark::DoNotOptimize(std::accumulate(locked.begin(), locked.end(), 0.0));
    }
}
BENCHMARK(sum_synchronized_array);

} // namespace

BENCHMARK_MAIN();
