// Goes to another folder, where a relative path of this program means nothing, and spawns itself there; then it is given the arguments it has. With the
// argument "removed" it first removes its own file, and puts another program where the system says that the removed one was.
#include <multiprocessing/multiprocessing.hpp>

#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

#include <unistd.h>

namespace mp = multiprocessing;

int main(int argc, char** argv) {
    static bool has_its_argument = false;
    has_its_argument = argc == 2 && std::strcmp(argv[1], "an argument") == 0;
    mp::run_if_spawned();
    try {
        if (argc == 2 && std::strcmp(argv[1], "removed") == 0) {
            const std::string other = std::string(argv[0]) + " (deleted)";
            if (::unlink(argv[0]) != 0 || ::symlink("/bin/echo", other.c_str()) != 0) {
                return 1;
            }
        }
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
