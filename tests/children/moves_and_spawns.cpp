// Goes to another folder, where a relative path of this program means nothing, and spawns itself there; then it is given the arguments it has.
#include <multiprocessing/multiprocessing.hpp>

#include <cstdio>
#include <cstring>
#include <exception>

#include <unistd.h>

namespace mp = multiprocessing;

int main(int argc, char** argv) {
    static bool has_its_argument = false;
    has_its_argument = argc == 2 && std::strcmp(argv[1], "an argument") == 0;
    mp::run_if_spawned();
    try {
        if (::chdir("/") != 0) {
            return 1;
        }
        auto child = mp::spawn<[] { std::printf("child %d\n", has_its_argument ? 1 : 0); }>();
        child.join();
        std::printf("parent %d, exit code %d\n", has_its_argument ? 1 : 0, child.exitcode().value());
    } catch (const std::exception& error) {
        std::printf("%s\n", error.what());
    }
    return 0;
}
