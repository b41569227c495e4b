// What it costs to include a shared value, beside Boost's managed segment: processor time of the compiler, for its syntax check alone.
// The standard library's headers that a shared value cannot do without are the limit.
#include "support/check.hpp"
#include "support/processor_time.hpp"

#include <benchmark/benchmark.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <vector>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

/// Processor time of the compiler for a file that includes these.
double compile(const std::vector<std::string>& headers) {
    std::vector<std::string> words{BENCHMARK_COMPILER, "-std=c++20", "-fsyntax-only", "-I" BENCHMARK_INCLUDE_FOLDER};
    for (const std::string& each : headers) {
        words.insert(words.end(), {"-include", each});
    }
    words.insert(words.end(), {"-x", "c++", "/dev/null"});
    std::vector<char*> arguments;
    for (std::string& each : words) {
        arguments.push_back(each.data());
    }
    arguments.push_back(nullptr);
    const double before = benchmarks::seconds_used_by_children();
    ::pid_t child = 0;
    errno = ::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), ::environ);
    benchmarks::check(errno == 0, "posix_spawnp");
    int status = 0;
    benchmarks::check(::waitpid(child, &status, 0) == child, "waitpid");
    if (status != 0) {
        throw std::runtime_error("the compiler refused " + headers.front());
    }
    return benchmarks::seconds_used_by_children() - before;
}

void include(benchmark::State& state, const std::vector<std::string>& headers) {
    for (auto _ : state) {
        state.SetIterationTime(compile(headers));
    }
}

const std::vector<std::string> shared_value{"multiprocessing/sharedctypes/shared_value.hpp"};
const std::vector<std::string> boost_segment{"boost/interprocess/managed_shared_memory.hpp"};
/// string and system_error for errors, chrono and mutex for locks, the containers and boost::mapped_region for memory.
const std::vector<std::string> what_it_includes{
    "algorithm", "array",  "atomic",   "chrono", "concepts", "cstring", "functional",   "limits",        "map", "memory",
    "mutex",     "optional", "set", "span",   "string",   "vector",  "system_error", "unordered_map", "boost/interprocess/mapped_region.hpp"};

BENCHMARK_CAPTURE(include, shared_value, shared_value)->Iterations(1)->UseManualTime();
BENCHMARK_CAPTURE(include, boost_segment, boost_segment)->Iterations(1)->UseManualTime();
BENCHMARK_CAPTURE(include, what_it_includes, what_it_includes)->Iterations(1)->UseManualTime();

} // namespace

BENCHMARK_MAIN();
