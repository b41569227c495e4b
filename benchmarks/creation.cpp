// Making a shared object and dropping it, beside the system calls one would make for it by hand.
#include "support/check.hpp"

#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>

#include <sys/mman.h>
#include <unistd.h>

namespace {

namespace mp = multiprocessing;

constexpr std::size_t length = 1'000'000;

template <class Object, class... Args>
void create(benchmark::State& state, Args... args) {
    const Object first(args...); // whatever the process does once only, is done
    for (auto _ : state) {
        const Object object(args...);
        benchmark::DoNotOptimize(&object);
    }
}

void create_shared_value(benchmark::State& state) { create<mp::SharedValue<int>>(state, 0); }
BENCHMARK(create_shared_value);

void create_raw_value(benchmark::State& state) { create<mp::RawValue<int>>(state, 0); }
BENCHMARK(create_raw_value);

/// Nothing is written to the elements: new shared memory reads as zeros.
void create_shared_array(benchmark::State& state) { create<mp::SharedArray<double>>(state, length); }
BENCHMARK(create_shared_array);

void create_mapping(benchmark::State& state, std::size_t bytes) {
    for (auto _ : state) {
        const int object = ::memfd_create("benchmark", MFD_CLOEXEC);
        benchmarks::check(object >= 0, "memfd_create");
        benchmarks::check(::ftruncate(object, static_cast<off_t>(bytes)) == 0, "ftruncate");
        void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, object, 0);
        benchmarks::check(memory != MAP_FAILED, "mmap");
        ::munmap(memory, bytes);
        ::close(object);
    }
}

void create_mapping_of_one_page(benchmark::State& state) { create_mapping(state, 4096); }
BENCHMARK(create_mapping_of_one_page);

void create_mapping_of_array(benchmark::State& state) { create_mapping(state, length * sizeof(double)); }
BENCHMARK(create_mapping_of_array);

} // namespace

BENCHMARK_MAIN();
