// A program whose spawned child does not get to run_if_spawned(), but does something else: `ends`, `lingers`, or `spawns`.
#include <multiprocessing/multiprocessing.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <unistd.h>

namespace mp = multiprocessing;

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "";
    const bool is_child = std::getenv("THE_PARENT_WAS_HERE") != nullptr;
    if (!is_child) {
        mp::run_if_spawned();
    } else if (what == "ends") {
        return 5;
    } else if (what == "lingers") {
        std::printf("child %d\n", static_cast<int>(::getpid()));
        std::fflush(stdout);
        std::this_thread::sleep_for(std::chrono::seconds(30));
        return 6;
    } else {
        std::printf("child %d\n", static_cast<int>(::getpid()));
    }
    ::setenv("THE_PARENT_WAS_HERE", "1", 1);
    const auto begin = std::chrono::steady_clock::now();
    try {
        mp::spawn<[] { std::puts("ran"); }>().join();
    } catch (const mp::SpawnError& error) {
        const auto took = std::chrono::steady_clock::now() - begin;
        std::printf("%s SpawnError after %d ms: %s\n", is_child ? "in the child" : "in the parent",
                    static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()), error.what());
        std::printf("%zu active\n", mp::active_children().size());
        return 7;
    }
}
