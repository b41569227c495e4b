// Taken out once, to see it fail: the look at the place (spawn_entry_base::find comparing names alone): "the right one of two files"; is_ambiguous:
// "none of two that cannot be told apart" (the error is then the child's, which has loaded neither).
#include "support/catch.hpp"
#include "support/program.hpp"
#include "support/run.hpp"
#include "support/soak.hpp"
#include "support/start.hpp"

#include <multiprocessing/process/run_if_spawned.hpp>
#include <multiprocessing/process/spawn.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <unistd.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;
using support::program;

namespace {

const std::string remedy = "Make multiprocessing::run_if_spawned() the first line of main";

} // namespace

TEST_CASE("run_if_spawned") {
    SECTION("returns at once in a process that was not spawned, as often as it is called") {
        const auto begin = std::chrono::steady_clock::now();
        mp::run_if_spawned();
        mp::run_if_spawned();
        REQUIRE(std::chrono::steady_clock::now() - begin < 1s);
    }
    SECTION("returns at once in the function of a spawned process, and in a fork of it") {
        const auto process = mp::spawn<[] {
            mp::run_if_spawned();
            const auto child = mp::fork([] { mp::run_if_spawned(); });
            support::must(support::exit_code(child) == 0);
            support::must(support::exit_code(mp::spawn<[] { mp::run_if_spawned(); }>()) == 0);
        }>();
        REQUIRE(support::exit_code(process) == 0);
    }
    SECTION("forgotten altogether: SpawnError with the remedy, at once") {
        const auto begin = std::chrono::steady_clock::now();
        program one("forgets_run_if_spawned");
        const std::string out = one.read_all();
        REQUIRE(one.wait() == 0);
        REQUIRE_THAT(out, Catch::StartsWith("SpawnError:") && Catch::Contains(remedy));
        REQUIRE_THAT(out, !Catch::Contains("ran"));
        REQUIRE(std::chrono::steady_clock::now() - begin < 10s);
    }
    SECTION("forgotten in the child, which ends: SpawnError, with its exit code") {
        program one("forgets_in_child", {"ends"});
        const std::string out = one.read_all();
        REQUIRE(one.wait() == 7);
        REQUIRE_THAT(out, Catch::Contains(remedy) && Catch::Contains("exit code 5") && Catch::Contains("0 active"));
        int took = 0;
        REQUIRE(std::sscanf(out.c_str(), "in the parent SpawnError after %d ms", &took) == 1);
        REQUIRE(took < 900); // not the patience, but its end
    }
    SECTION("forgotten in the child, which lingers: SpawnError after seconds, and the child is gone") {
        program one("forgets_in_child", {"lingers"});
        const std::string out = one.read_all();
        REQUIRE(one.wait() == 7);
        int child = 0;
        int took = 0;
        REQUIRE(std::sscanf(out.c_str(), "child %d", &child) == 1);
        REQUIRE(std::sscanf(out.substr(out.find("in the")).c_str(), "in the parent SpawnError after %d ms", &took) == 1);
        REQUIRE_THAT(out, Catch::Contains(remedy));
        REQUIRE(took >= 5000);
        REQUIRE(took < 15000);
        REQUIRE(::kill(child, 0) == -1);
        REQUIRE(errno == ESRCH);
    }
    SECTION("forgotten in the child, which spawns instead: no tree of processes grows") {
        program one("forgets_in_child", {"spawns"});
        const std::string out = one.read_all();
        REQUIRE(one.wait() == 7);
        REQUIRE(support::count_of("child ", out) == 2); // "child <pid>" of one, and where its error came from
        REQUIRE(support::count_of("in the child SpawnError", out) == 1);
        REQUIRE(support::count_of("in the parent SpawnError", out) == 1);
    }
}

TEST_CASE("run_if_spawned, when main returns at once", "[soak]") {
    const int times = support::repetitions(50, 500);
    char path[] = "/tmp/multiprocessing-XXXXXX";
    const int file = ::mkstemp(path);
    REQUIRE(file >= 0);
    ::close(file);
    for (const std::vector<std::string>& how : {std::vector<std::string>{path}, std::vector<std::string>{path, "exit"}}) {
        std::filesystem::resize_file(path, 0);
        for (int i = 0; i < times; ++i) {
            program one("returns_at_once", how);
            one.read_all(); // until the child too has ended
            REQUIRE(one.wait() == 0);
        }
        std::ifstream in(path);
        REQUIRE(std::string(std::istreambuf_iterator<char>(in), {}) == std::string(static_cast<std::size_t>(times), 'x'));
    }
    std::filesystem::remove(path);
}

TEST_CASE("run_if_spawned, which of several functions it calls") {
    SECTION("the right one of two files' static functions of one name, and of two lambdas of a function") {
        program one("has_namesakes");
        REQUIRE(one.read_all() == "1 2 10 20\n");
        REQUIRE(one.wait() == 0);
    }
    SECTION("one of a library that the child has not loaded: an error that names it") {
        program one("loads_later", {MULTIPROCESSING_TEST_CHILDREN "/loads_later_library.so"});
        const std::string out = one.read_all();
        REQUIRE(one.wait() == 0);
        REQUIRE_THAT(out, Catch::StartsWith("SpawnError:") && Catch::Contains("function_of_the_library") &&
                              Catch::Contains("loaded"));
    }
    SECTION("none of two that cannot be told apart, those of two copies of one library: an error that names them, from each") {
        const std::filesystem::path here(MULTIPROCESSING_TEST_CHILDREN);
        const auto library = here / "loads_later_library.so";
        const auto copy = here / ("loads_later_copy-" + std::to_string(::getpid()) + ".so");
        std::filesystem::copy_file(library, copy, std::filesystem::copy_options::overwrite_existing);
        program one("loads_later", {library.string(), copy.string()});
        const std::string out = one.read_all();
        std::filesystem::remove(copy);
        REQUIRE(one.wait() == 0);
        CAPTURE(out);
        REQUIRE(support::count_of("SpawnError:", out) == 2);
        REQUIRE(support::count_of("the program has two functions that are both called", out) == 2);
        REQUIRE(support::count_of("function_of_the_library", out) == 2);
        REQUIRE_THAT(out, !Catch::Contains("ran"));
    }
    SECTION("that of the running program, though its file was replaced by another") {
        const std::filesystem::path here(MULTIPROCESSING_TEST_CHILDREN);
        const auto copy = here / ("replaced-" + std::to_string(::getpid()));
        std::filesystem::copy_file(here / "is_replaced", copy, std::filesystem::copy_options::overwrite_existing);
        auto one = program::at(copy.string());
        const std::string out = one.read_all();
        std::filesystem::remove(copy);
        REQUIRE(out == "7 0\n");
        REQUIRE(one.wait() == 0);
    }
}
