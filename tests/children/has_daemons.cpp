// A program with four daemons, by both start methods, and a child that is none; it prints their pids and then lives on, is killed,
// or exits.
#include <multiprocessing/multiprocessing.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <unistd.h>

namespace mp = multiprocessing;

namespace {

void stay() {
    for (;;) {
        ::pause();
    }
}

void work() {
    ::usleep(100'000);
    std::puts("the child has worked");
}

} // namespace

int main(int, char** argv) {
    mp::run_if_spawned();
    const std::string end = argv[1];
    std::vector<mp::Process> all;
    for (int i = 0; i < 2; ++i) {
        all.push_back(mp::fork({.daemon = true}, stay));
        all.push_back(mp::spawn<&stay>({.daemon = true}));
    }
    for (const auto& each : all) {
        std::printf("%d\n", static_cast<int>(each.pid()));
    }
    std::printf("end of pids\n");
    std::fflush(stdout);
    if (end == "lives on") {
        stay();
    }
    all.push_back(mp::fork(work));
    all.push_back(mp::spawn<&work>());
    std::exit(0); // no destructor of a Process runs
}
