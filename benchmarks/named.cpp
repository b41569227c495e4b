// Opening a named object that is there, and closing it, beside the system calls one would make for it by hand.
#include "support/check.hpp"

#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <benchmark/benchmark.h>

#include <string>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {

namespace mp = multiprocessing;

std::string own_name(const char* what) {
    return std::string("benchmark-") + what + "-" + std::to_string(::getpid());
}

template <class Object>
void open(benchmark::State& state) {
    const std::string name = own_name("open");
    const Object made(mp::create_only, mp::object_name(name).unlink_on_destroy(), 0);
    for (auto _ : state) {
        const Object object(mp::open_only, name);
        benchmark::DoNotOptimize(&object);
    }
}
void open_shared_value(benchmark::State& state) { open<mp::SharedValue<int>>(state); }
BENCHMARK(open_shared_value);
void open_raw_value(benchmark::State& state) { open<mp::RawValue<int>>(state); }
BENCHMARK(open_raw_value);

void open_mapping(benchmark::State& state) {
    const std::string name = "/" + own_name("mapping");
    const auto map = [&](int flags) {
        const int object = ::shm_open(name.c_str(), flags, 0600);
        benchmarks::check(object >= 0, "shm_open");
        benchmarks::check(flags == O_RDWR || ::ftruncate(object, 4096) == 0, "ftruncate");
        void* const memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, object, 0);
        benchmarks::check(memory != MAP_FAILED, "mmap");
        benchmark::DoNotOptimize(*static_cast<volatile int*>(memory)); // the page, which whoever opens an object looks at
        ::munmap(memory, 4096);
        ::close(object);
    };
    map(O_RDWR | O_CREAT | O_EXCL);
    for (auto _ : state) {
        map(O_RDWR);
    }
    ::shm_unlink(name.c_str());
}
BENCHMARK(open_mapping);

} // namespace

BENCHMARK_MAIN();
