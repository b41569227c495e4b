// A program whose file is replaced by another while it runs, before it spawns.
#include <multiprocessing/multiprocessing.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace mp = multiprocessing;

int main(int, char** argv) {
    mp::run_if_spawned();
    std::filesystem::remove(argv[0]);
    std::ofstream(argv[0]) << "#!/bin/sh\necho another program\n";
    std::filesystem::permissions(argv[0], std::filesystem::perms::owner_all);
    const mp::SharedValue<int> value(0);
    const auto process = mp::spawn<[](const mp::SharedValue<int>& theirs) { theirs = 7; }>(value);
    process.join();
    std::printf("%d %d\n", value.value(), process.exitcode().value());
}
