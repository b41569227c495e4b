// Taken out once, to see it fail: what this process needed itself (own_start::patience's `4 * needed_here`): "not when it took this process as
// long"; what time_given takes off: "when the machine gave it no processor"; the most that it counts at once: "when both were stopped"; the look at patience in the state `started`: "after ten seconds" (the test's own time is over); next_child's give-back: "takes no
// number"; no end of patience in the state `called` (await_running): "not while the child reads its arguments".
#include "support/catch.hpp"
#include "support/program.hpp"
#include "support/run.hpp"
#include "support/start.hpp"

#include <multiprocessing/process/current_process.hpp>
#include <multiprocessing/process/spawn.hpp>
#include <multiprocessing/process/spawn_error.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>

namespace mp = multiprocessing;
using namespace std::chrono_literals;
using support::program;

namespace spawn_error_types {

/// What cannot be read in the child.
struct unreadable {
    int where = 0;
};

/// What takes longer to read than patience with a child that has not called run_if_spawned() lasts.
struct slow_to_read {};

/// What a child does not survive the reading of.
struct fatal {};

} // namespace spawn_error_types

template <>
struct mp::reduction::reducer<spawn_error_types::unreadable> {
    static void reduce(const spawn_error_types::unreadable&, outgoing&) {}
    [[nodiscard]] static spawn_error_types::unreadable rebuild(incoming&) { throw std::runtime_error("cannot be read"); }
};

template <>
struct mp::reduction::reducer<spawn_error_types::slow_to_read> {
    static void reduce(const spawn_error_types::slow_to_read&, outgoing&) {}
    [[nodiscard]] static spawn_error_types::slow_to_read rebuild(incoming&) {
        std::this_thread::sleep_for(5500ms);
        return {};
    }
};

template <>
struct mp::reduction::reducer<spawn_error_types::fatal> {
    static void reduce(const spawn_error_types::fatal&, outgoing&) {}
    [[nodiscard]] static spawn_error_types::fatal rebuild(incoming&) { std::_Exit(77); }
};

TEST_CASE("SpawnError") {
    STATIC_REQUIRE(std::is_base_of_v<std::runtime_error, mp::SpawnError>);

    SECTION("when spawn is called before run_if_spawned: during static initialisation") {
        program one("spawns_too_early", {}, "SPAWN_EARLY=first");
        const std::string out = one.read_all();
        REQUIRE(one.wait() == 0);
        REQUIRE_THAT(out, Catch::StartsWith("SpawnError:") && Catch::Contains("before run_if_spawned()"));
        REQUIRE_THAT(out, Catch::Contains("ran\nearly 1, exit code 0")); // and in time it is possible
    }
    SECTION("when spawn is called in the static initialisation of a spawned child, which then runs its function") {
        program one("spawns_too_early", {}, "SPAWN_EARLY=child");
        const std::string out = one.read_all();
        REQUIRE(one.wait() == 0);
        REQUIRE_THAT(out, Catch::StartsWith("SpawnError:") && Catch::Contains("static initialisation"));
        REQUIRE(support::count_of("SpawnError", out) == 1);
        REQUIRE_THAT(out, Catch::Contains("ran\nearly 0, exit code 0"));
    }
    SECTION("when the child cannot read an argument; then there is no child, and nothing is lost") {
        const mp::SharedValue<int> value(1);
        const auto spawn_it = [&] {
            static_cast<void>(mp::spawn<[](const spawn_error_types::unreadable&, const mp::SharedValue<int>& theirs) { theirs = 2; }>(
                spawn_error_types::unreadable{}, value));
        };
        REQUIRE_THROWS_AS(spawn_it(), mp::SpawnError);
        REQUIRE_THROWS_WITH(spawn_it(), Catch::Contains("argument"));
        REQUIRE(mp::active_children().empty());
        REQUIRE(value.value() == 1);
    }
    SECTION("not while the child reads its arguments, however long that takes") {
        const auto begin = std::chrono::steady_clock::now();
        const auto process = mp::spawn<[](const spawn_error_types::slow_to_read&) {}>(spawn_error_types::slow_to_read{});
        REQUIRE(std::chrono::steady_clock::now() - begin >= 5500ms); // it has them when spawn returns
        REQUIRE(support::exit_code(process) == 0);
    }
    SECTION("when the child ends while it reads them") {
        const auto spawn_it = [] { static_cast<void>(mp::spawn<[](const spawn_error_types::fatal&) {}>(spawn_error_types::fatal{})); };
        REQUIRE_THROWS_AS(spawn_it(), mp::SpawnError);
        REQUIRE_THROWS_WITH(spawn_it(), Catch::Contains("ended with exit code 77 before it ran its function"));
        REQUIRE(mp::active_children().empty());
    }
    SECTION("takes no number: that is for the next child") {
        const auto number = [] { return std::stoi(mp::spawn<[] {}>().name().substr(std::string("Process-").size())); };
        const int before = number();
        for (int i = 0; i < 3; ++i) {
            REQUIRE_THROWS_AS(mp::spawn<[](const spawn_error_types::unreadable&) {}>(spawn_error_types::unreadable{}), mp::SpawnError);
        }
        REQUIRE(number() == before + 1);
    }
}

TEST_CASE("SpawnError, when a child does not get to run_if_spawned() in time", "[slow]") {
    SECTION("after ten seconds, when its static initialisation does not reach the library") {
        const auto begin = std::chrono::steady_clock::now();
        program one("starts_slowly", {}, "START_SLOWLY=never");
        const std::string out = one.read_all();
        REQUIRE(one.wait() == 0);
        REQUIRE_THAT(out, Catch::StartsWith("SpawnError:") && Catch::Contains("has not reached this library") && Catch::Contains("0 active"));
        REQUIRE(std::chrono::steady_clock::now() - begin < 30s);
    }
    SECTION("but not when the machine gave it no processor") {
        const auto begin = std::chrono::steady_clock::now();
        program one("starts_slowly", {}, "START_SLOWLY=starved");
        REQUIRE(one.read_all() == "ran\nexit code 0, 1\n");
        REQUIRE(one.wait() == 0);
        REQUIRE(std::chrono::steady_clock::now() - begin > 5s);
    }
    SECTION("but not when both were stopped") {
        program one("starts_slowly", {}, "START_SLOWLY=in_steps");
        REQUIRE(one.read_until("begins") == "begins\n");
        REQUIRE(::kill(-one.pid(), SIGSTOP) == 0);
        std::this_thread::sleep_for(6s); // longer than patience
        REQUIRE(::kill(-one.pid(), SIGCONT) == 0);
        REQUIRE(one.read_all() == "begins\nran\nexit code 0, 1\n");
        REQUIRE(one.wait() == 0);
    }
    SECTION("but not when it took this process as long") {
        program one("starts_slowly", {}, "START_SLOWLY=before");
        REQUIRE(one.read_all() == "ran\nexit code 0, 1\n");
        REQUIRE(one.wait() == 0);
    }
    SECTION("nor when a static object below the library took it as long") {
        program one("starts_slowly", {}, "START_SLOWLY=after");
        REQUIRE(one.read_all() == "ran\nexit code 0, 1\n");
        REQUIRE(one.wait() == 0);
    }
}