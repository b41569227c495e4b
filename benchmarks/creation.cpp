// Making a shared object and dropping it, beside the system calls one would make for it by hand, and beside Boost's managed segment.
#include "support/check.hpp"

#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <benchmark/benchmark.h>

#include <boost/interprocess/managed_shared_memory.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

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

/// An int without a name, in a segment that is there already: no lock comes with it.
void create_in_boost_segment(benchmark::State& state) {
    namespace bip = boost::interprocess;
    const std::string name = "benchmark-creation-" + std::to_string(::getpid());
    const struct removal {
        ~removal() { bip::shared_memory_object::remove(name.c_str()); }
        const std::string& name;
    } removed_at_the_end{name};
    bip::managed_shared_memory segment(bip::create_only, name.c_str(), 1 << 20);
    const int* const first = segment.construct<int>(bip::anonymous_instance)(0);
    benchmark::DoNotOptimize(first);
    for (auto _ : state) {
        int* const object = segment.construct<int>(bip::anonymous_instance)(0);
        benchmark::DoNotOptimize(object);
        segment.destroy_ptr(object);
    }
}
BENCHMARK(create_in_boost_segment);

/// Shared memory that the process has touched, in bytes.
std::int64_t resident_shared() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("RssShmem:")) {
            return std::stoll(line.substr(line.find(':') + 1)) * 1024;
        }
    }
    return 0;
}

/// One iteration makes a million, all alive at once. `bytes_each`: the shared memory they take. The room for the handles is made before.
void make_a_million(benchmark::State& state) {
    std::vector<mp::SharedValue<int>> values;
    values.reserve(length);
    for (auto _ : state) {
        const std::int64_t before = resident_shared();
        const auto begin = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < length; ++i) {
            values.emplace_back(0);
        }
        state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        state.counters["bytes_each"] = static_cast<double>(resident_shared() - before) / static_cast<double>(length);
        values.clear();
    }
}
BENCHMARK(make_a_million)->Iterations(1)->UseManualTime();

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
