// A program whose start takes long, in the part that START_SLOWLY names: `before` or `after` the library's own static initialisation. The others are of a
// spawned child, and of it alone: `never`, it does not get out of the first of these; `in_steps`, it takes many short ones after, and says before
// them that it begins; `starved`, it needs a processor after, which a thread of this program's has.
#include <multiprocessing/multiprocessing.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

namespace {

bool is_asked(const std::string& part) {
    const char* const which = std::getenv("START_SLOWLY");
    return which != nullptr && which == part;
}

void start_slowly(const std::string& part, std::chrono::milliseconds time) {
    if (is_asked(part)) {
        std::this_thread::sleep_for(time);
    }
}

constinit bool is_child = false;

void stay_on_first_processor() {
    ::cpu_set_t allowed;
    ::sched_getaffinity(0, sizeof(allowed), &allowed);
    int first = 0;
    while (!CPU_ISSET(first, &allowed)) {
        ++first;
    }
    ::cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ::sched_setaffinity(0, sizeof(one), &one);
}

// The first of all, so that the library's variable is still there in a child.
__attribute__((constructor(101))) void before_the_library() {
    start_slowly("before", 12s);
    is_child = std::getenv("MULTIPROCESSING_HANDED_OVER") != nullptr;
    if (is_child) {
        start_slowly("never", 1h);
    }
}

bool start_as_asked() {
    start_slowly("after", 6s);
    if (is_child && is_asked("in_steps")) {
        std::puts("begins");
        std::fflush(stdout);
        for (int i = 0; i < 100; ++i) {
            std::this_thread::sleep_for(20ms); // a sleep ends when the process goes on, however long it was stopped
        }
    }
    if (is_child && is_asked("starved")) {
        stay_on_first_processor();
        ::setpriority(PRIO_PROCESS, 0, 10); // a tenth of what a thread of the common priority gets
        const std::clock_t begin = std::clock();
        while (std::clock() - begin < CLOCKS_PER_SEC * 6 / 10) {
        }
    }
    return true;
}

const bool after_the_library = start_as_asked();

} // namespace

int main() {
    mp::run_if_spawned();
    ::setpgid(0, 0); // so that the two can be stopped at once
    if (is_asked("starved")) {
        std::thread([] {
            stay_on_first_processor();
            for (;;) {
                static_cast<void>(std::clock());
            }
        }).detach();
    }
    try {
        const auto process = mp::spawn<[] { std::puts("ran"); }>();
        process.join();
        std::printf("exit code %d, %d\n", process.exitcode().value(), after_the_library);
    } catch (const mp::SpawnError& error) {
        std::printf("SpawnError: %s\n%zu active\n", error.what(), mp::active_children().size());
    }
}
