// A child that does nothing, from its start to its end, beside the bare system calls.
#include "support/check.hpp"

#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/process/run_if_spawned.hpp>
#include <multiprocessing/process/spawn.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace mp = multiprocessing;

/// Private memory the parent has touched, in MiB: what makes a fork dear, and must not make a spawn so.
class resident_memory {
public:
    explicit resident_memory(const benchmark::State& state) : resident_memory(static_cast<std::size_t>(state.range(0)) << 20) {}

private:
    explicit resident_memory(std::size_t bytes) : bytes_(std::make_unique<char[]>(bytes)) {
        std::memset(bytes_.get(), 1, bytes);
        benchmark::DoNotOptimize(bytes_.get());
    }

    std::unique_ptr<char[]> bytes_;
};

// All with something shared alive, which the child inherits or is passed: that is what processes are made for here.
void fork_and_join(benchmark::State& state) {
    const resident_memory resident(state);
    const mp::SharedValue<int> shared(0);
    for (auto _ : state) {
        auto child = mp::fork([] {});
        child.join();
    }
}
BENCHMARK(fork_and_join)->Arg(3)->Arg(1024)->UseRealTime();

void fork_and_waitpid(benchmark::State& state, ::pid_t (*fork)(), bool flushes) {
    const resident_memory resident(state);
    const mp::SharedValue<int> shared(0);
    for (auto _ : state) {
        const ::pid_t child = fork();
        benchmarks::check(child >= 0, "fork");
        if (child == 0) {
            if (flushes) {
                std::cout.flush();
                std::fflush(nullptr);
            }
            ::_exit(0);
        }
        benchmarks::check(::waitpid(child, nullptr, 0) == child, "waitpid");
    }
}
// _Fork is fork without the handlers of pthread_atfork, of which the library has some.
BENCHMARK_CAPTURE(fork_and_waitpid, bare, ::_Fork, false)->Arg(3)->Arg(1024)->UseRealTime();
BENCHMARK_CAPTURE(fork_and_waitpid, with_handlers, ::fork, false)->Arg(3)->UseRealTime();
// A child that does not lose what it printed. Most of the time is page faults: it writes to pages that it shared, and runs code not mapped yet.
BENCHMARK_CAPTURE(fork_and_waitpid, flushing, ::fork, true)->Arg(3)->UseRealTime();

void do_nothing(const mp::SharedValue<int>&) {}

void spawn_and_join(benchmark::State& state) {
    const resident_memory resident(state);
    const mp::SharedValue<int> shared(0);
    for (auto _ : state) {
        auto child = mp::spawn<do_nothing>(shared);
        child.join();
    }
}
BENCHMARK(spawn_and_join)->Arg(3)->Arg(1024)->UseRealTime();

/// The same executable, which sees this argument first thing in main and returns.
constexpr const char* return_at_once = "--return-at-once";

void posix_spawn_and_waitpid(benchmark::State& state) {
    const resident_memory resident(state);
    char name[] = "benchmark_process";
    std::string argument(return_at_once);
    char* const arguments[] = {name, argument.data(), nullptr};
    for (auto _ : state) {
        ::pid_t child = 0;
        benchmarks::check(::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments, ::environ) == 0, "posix_spawn");
        benchmarks::check(::waitpid(child, nullptr, 0) == child, "waitpid");
    }
}
BENCHMARK(posix_spawn_and_waitpid)->Arg(3)->Arg(1024)->UseRealTime();

} // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == return_at_once) {
        return 0;
    }
    mp::run_if_spawned();
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
