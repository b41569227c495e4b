// A program that spawns before main: `first`, in its first process; `child`, in the spawned one.
#include <multiprocessing/platform/inherited_handles.hpp>
#include <multiprocessing/multiprocessing.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace mp = multiprocessing;

namespace {

void work() { std::puts("ran"); }

bool spawns_early() {
    const char* const when = std::getenv("SPAWN_EARLY");
    if (when == nullptr || (std::strcmp(when, "child") == 0) != mp::platform::started_by_self()) {
        return false;
    }
    try {
        mp::spawn<&work>().join();
    } catch (const mp::SpawnError& error) {
        std::printf("SpawnError: %s\n", error.what());
        std::fflush(stdout);
    }
    return true;
}

const bool done = spawns_early();

} // namespace

int main() {
    mp::run_if_spawned();
    const auto process = mp::spawn<&work>();
    process.join();
    std::printf("early %d, exit code %d\n", done ? 1 : 0, process.exitcode().value());
}
