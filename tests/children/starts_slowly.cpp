// A program whose start takes long, in the part that START_SLOWLY names: `before` or `after` the library's own static initialisation; `never` is
// where a spawned child, and it alone, does not get out of the first of these.
#include <multiprocessing/multiprocessing.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <unistd.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

namespace {

void start_slowly(const std::string& part, std::chrono::milliseconds time) {
    const char* const which = std::getenv("START_SLOWLY");
    if (which != nullptr && which == part) {
        std::this_thread::sleep_for(time);
    }
}

// The first of all, so that the library's variable is still there in a child.
__attribute__((constructor(101))) void before_the_library() {
    start_slowly("before", 12s);
    if (std::getenv("MULTIPROCESSING_HANDED_OVER") != nullptr) {
        start_slowly("never", 1h);
    }
}

const bool after_the_library = (start_slowly("after", 1500ms), true);

} // namespace

int main() {
    mp::run_if_spawned();
    try {
        const auto process = mp::spawn<[] { std::puts("ran"); }>();
        process.join();
        std::printf("exit code %d, %d\n", process.exitcode().value(), after_the_library);
    } catch (const mp::SpawnError& error) {
        std::printf("SpawnError: %s\n%zu active\n", error.what(), mp::active_children().size());
    }
}
