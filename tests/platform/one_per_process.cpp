// How states behave within one copy of the library. That several copies find the same ones, tests/copies shows.
//
// Taken out once, to see it fail: the hooks around a fork; what is made anew in a child.
#include "support/catch.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/state_with_mutex.hpp>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace platform = multiprocessing::platform;

namespace {

struct counted {
    static constexpr const char* name = "test: counted";
    static constexpr platform::fork_turn turn = platform::fork_turn::others;

    int value = 1;
    int forks = 0;

    void after_fork_in_child() { ++forks; }
};

struct same_name {
    static constexpr const char* name = "test: counted";
    static constexpr platform::fork_turn turn = platform::fork_turn::others;

    int value = 1;
    int forks = 0;
};

struct guarded : platform::state_with_mutex {
    static constexpr const char* name = "test: guarded";
    static constexpr platform::fork_turn turn = platform::fork_turn::others;

    int changes = 0; // even while the mutex is free
};

template <int number>
struct made_at_once {
    static constexpr const char* name = number == 0 ? "test: at once 0" : number == 1 ? "test: at once 1" : "test: at once 2";
    static constexpr platform::fork_turn turn = platform::fork_turn::others;

    std::atomic<int> calls{0};
};

std::string turns;
template <platform::fork_turn of>
struct in_turn {
    static constexpr const char* name = of == platform::fork_turn::heap ? "test: heap" : of == platform::fork_turn::files ? "test: files" : "test: ranges";
    static constexpr platform::fork_turn turn = of;

    void before_fork() { turns += of == platform::fork_turn::heap ? "h" : of == platform::fork_turn::files ? "f" : "r"; }
    void after_fork_in_parent() { turns += of == platform::fork_turn::heap ? "H" : of == platform::fork_turn::files ? "F" : "R"; }
    void after_fork_in_child() { turns += of == platform::fork_turn::heap ? "H" : of == platform::fork_turn::files ? "F" : "R"; }
};

/// Made while a fork is under way.
struct late : platform::state_with_mutex {
    static constexpr const char* name = "test: late";
    static constexpr platform::fork_turn turn = platform::fork_turn::others;

    int value = 0;
};
struct makes_one {
    static constexpr const char* name = "test: makes one";
    static constexpr platform::fork_turn turn = platform::fork_turn::others;

    void before_fork() {
        platform::one_per_process<late>().value = 1;
    }
    void after_fork_in_parent() {}
    void after_fork_in_child() {}
};

template <int number>
int* address_from_threads() {
    std::vector<std::thread> threads;
    std::atomic<bool> go{false};
    std::vector<made_at_once<number>*> found(4);
    for (auto& each : found) {
        threads.emplace_back([&] {
            while (!go) {
            }
            each = &platform::one_per_process<made_at_once<number>>();
            ++each->calls;
        });
    }
    go = true;
    for (auto& each : threads) {
        each.join();
    }
    static int calls = 0;
    calls = found[0]->calls;
    for (const auto* each : found) {
        REQUIRE(each == found[0]);
    }
    return &calls;
}

} // namespace

TEST_CASE("one_per_process") {
    SECTION("is found by its name, whoever asks") {
        REQUIRE(&platform::one_per_process<counted>() == &platform::one_per_process<counted>());
        REQUIRE(static_cast<void*>(&platform::one_per_process<counted>()) == &platform::one_per_process<same_name>());
        REQUIRE(platform::try_one_per_process<counted>());
    }
    SECTION("is one for threads that ask at once") {
        REQUIRE(*address_from_threads<0>() == 4);
        REQUIRE(*address_from_threads<1>() == 4);
        REQUIRE(*address_from_threads<2>() == 4);
    }
}

#if MULTIPROCESSING_POSIX
TEST_CASE("one_per_process: a fork") {
    SECTION("is told to each state once, in the order of their turns") {
        REQUIRE(support::run_child([] {
                    static_cast<void>(platform::one_per_process<in_turn<platform::fork_turn::ranges>>());
                    static_cast<void>(platform::one_per_process<in_turn<platform::fork_turn::heap>>());
                    static_cast<void>(platform::one_per_process<in_turn<platform::fork_turn::files>>());
                    support::expect(support::run_child([] { support::expect(turns == "hrfFRH", turns.c_str()); }) == 0);
                    support::expect(turns == "hrfFRH", turns.c_str());
                }) == 0);
        const int forks = platform::one_per_process<counted>().forks;
        REQUIRE(support::run_child([&] { support::expect(platform::one_per_process<counted>().forks == forks + 1); }) == 0);
    }
    SECTION("is told to what was made meanwhile, too") {
        REQUIRE(support::run_child([] {
                    static_cast<void>(platform::one_per_process<makes_one>());
                    support::expect(support::run_child([] {
                                        auto& other = platform::one_per_process<late>();
                                        support::expect(other.mutex.try_lock(), "it was held around the fork, and given back");
                                        support::expect(other.value == 1, "it is what it was");
                                    }) == 0);
                    support::expect(platform::one_per_process<late>().value == 1, "the parent has it as it is");
                }) == 0);
    }
    SECTION("finds a mutex free in the child that another thread of the parent locks all the time") {
        REQUIRE(support::run_child([] {
                    auto& state = platform::one_per_process<guarded>();
                    std::atomic<bool> enough{false};
                    std::thread busy([&] {
                        while (!enough) {
                            const std::lock_guard guard(state.mutex);
                            ++state.changes;
                            ++state.changes;
                        }
                    });
                    int failures = 0;
                    for (int i = 0; i < 100; ++i) {
                        failures += support::run_child([&] {
                            const std::lock_guard guard(state.mutex);
                            support::expect(state.changes % 2 == 0);
                        });
                    }
                    enough = true;
                    busy.join();
                    support::expect(failures == 0);
                }) == 0);
    }
}
#endif
