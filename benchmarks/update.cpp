// A change of a struct that no death leaves half-made, beside the same change made in place under the same lock, and under a
// robust pthread mutex. By the size of the struct.
#include "support/robust_mutex.hpp"
#include "support/sizes.hpp"

#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <mutex>

namespace {

using benchmarks::change_both_ends;
using benchmarks::record;

template <std::size_t Bytes>
void update(benchmark::State& state) {
    const multiprocessing::SharedValue<record<Bytes>> shared;
    for (auto _ : state) {
        shared.update(change_both_ends);
    }
}
BENCHMARK(update<24>);
BENCHMARK(update<64>);
BENCHMARK(update<256>);
BENCHMARK(update<1024>);
BENCHMARK(update<4096>);
BENCHMARK(update<16384>);

template <std::size_t Bytes>
void in_place(benchmark::State& state) {
    const multiprocessing::SharedValue<record<Bytes>> shared;
    for (auto _ : state) {
        const std::scoped_lock guard(shared);
        change_both_ends(shared.get_obj().value());
    }
}
BENCHMARK(in_place<24>);
BENCHMARK(in_place<64>);
BENCHMARK(in_place<256>);
BENCHMARK(in_place<1024>);
BENCHMARK(in_place<4096>);
BENCHMARK(in_place<16384>);

template <std::size_t Bytes>
void pthread_mutex(benchmark::State& state) {
    const benchmarks::guarded_by_robust_mutex<record<Bytes>> shared;
    for (auto _ : state) {
        shared.update(change_both_ends);
    }
}
BENCHMARK(pthread_mutex<24>);
BENCHMARK(pthread_mutex<64>);
BENCHMARK(pthread_mutex<256>);
BENCHMARK(pthread_mutex<1024>);
BENCHMARK(pthread_mutex<4096>);
BENCHMARK(pthread_mutex<16384>);

} // namespace

BENCHMARK_MAIN();
