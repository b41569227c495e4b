// What the library costs its users' compilers: user seconds, of headers by themselves (syntax check alone) and of whole programs (-O2), in both
// forms, beside Boost's and beside the library as it was before it had two forms (the tree in the folder that MULTIPROCESSING_BEFORE names, if any).
#include "support/check.hpp"
#include "support/processor_time.hpp"

#include <benchmark/benchmark.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using words = std::vector<std::string>;

/// User seconds of the compiler with these arguments.
double compile(const words& arguments) {
    words all{BENCHMARK_COMPILER, "-std=c++20"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& each : all) {
        pointers.push_back(each.data());
    }
    pointers.push_back(nullptr);
    const double before = benchmarks::user_seconds_of_children();
    ::pid_t child = 0;
    errno = ::posix_spawnp(&child, pointers[0], nullptr, nullptr, pointers.data(), ::environ);
    benchmarks::check(errno == 0, "posix_spawnp");
    int status = 0;
    benchmarks::check(::waitpid(child, &status, 0) == child, "waitpid");
    if (status != 0) {
        throw std::runtime_error("the compiler refused " + all.back());
    }
    return benchmarks::user_seconds_of_children() - before;
}

void measure(benchmark::State& state, const words& arguments) {
    for (auto _ : state) {
        state.SetIterationTime(compile(arguments));
    }
}

words operator+(words one, const words& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
}

/// The forms of the library, as the compiler is told of them.
const words header_only{"-I" BENCHMARK_PROJECT "/include"};
const words compiled = header_only + words{"-DMULTIPROCESSING_COMPILED=1"};
const words& none = header_only;

words include(const words& form, std::initializer_list<std::string> headers) {
    words all = form + words{"-fsyntax-only"};
    for (const std::string& each : headers) {
        all = all + words{"-include", each};
    }
    return all + words{"-x", "c++", "/dev/null"};
}

words program(const words& form, const std::string& name) {
    return form + words{"-O2", "-c", "-o", "/dev/null", BENCHMARK_PROJECT "/benchmarks/compile/" + name + ".cpp"};
}

/// A folder for precompiled headers.
struct scratch_folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() / ("multiprocessing-benchmark-" + std::to_string(::getpid()));
    ~scratch_folder() { std::filesystem::remove_all(path); }
} const scratch;

/// A test file of the tree in `folder`, as its build compiles it: with Catch2 in a precompiled header.
words test_file(const std::string& folder, const words& form) {
    const std::string headers = scratch.path / (form == compiled ? "now" : "before");
    std::filesystem::create_directories(headers);
    const words flags = words{"-I" + folder + "/include", "-I" + folder + "/tests", "-O2", "-g1"} + form;
    std::filesystem::copy_file(folder + "/tests/support/catch.hpp", headers + "/catch.hpp", std::filesystem::copy_options::overwrite_existing);
    compile(flags + words{"-x", "c++-header", headers + "/catch.hpp", "-o", headers + "/catch.hpp.gch"});
    return flags + words{"-include", headers + "/catch.hpp", "-c", "-o", "/dev/null", folder + "/tests/sharedctypes/shared_value.cpp"};
}

void add(const std::string& name, const words& arguments) {
    benchmark::RegisterBenchmark(name.c_str(), measure, arguments)->Iterations(1)->UseManualTime();
}

} // namespace

int main(int argc, char** argv) {
    add("include/boost_segment", include(none, {"boost/interprocess/managed_shared_memory.hpp"}));
    for (const std::string name : {"sharedctypes/shared_value", "multiprocessing", "synchronize/event", "process/run_if_spawned"}) {
        const std::string header = "multiprocessing/" + name + ".hpp";
        add("include/" + name, include(header_only, {header}));
        add("include/" + name + "/compiled", include(compiled, {header}));
    }
    // What a shared value cannot do without, in each form: the floor.
    add("include/standard/compiled", include(none, {"atomic", "concepts", "cstring", "iosfwd", "memory", "optional", "ostream", "span", "string"}));
    add("include/standard", include(none, {"algorithm", "atomic", "concepts", "cstring", "iosfwd", "map", "memory", "mutex", "optional", "ostream",
                                           "set", "span", "string", "system_error", "unordered_map", "vector",
                                           "boost/interprocess/mapped_region.hpp"}));

    add("program/counter", program(header_only, "counter"));
    add("program/counter/compiled", program(compiled, "counter"));
    add("program/counter_with_boost", program(none, "counter_with_boost"));
    add("program/mandelbrot_spawn", program(header_only, "mandelbrot_spawn"));
    add("program/mandelbrot_spawn/compiled", program(compiled, "mandelbrot_spawn"));
    add("test/shared_value/compiled", test_file(BENCHMARK_PROJECT, compiled));
    if (const char* const before = std::getenv("MULTIPROCESSING_BEFORE"); before != nullptr && *before != '\0') {
        add("program/mandelbrot_spawn/before", program(words{"-I" + std::string(before) + "/include"}, "mandelbrot_spawn"));
        add("test/shared_value/before", test_file(before, {}));
    }
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
}
