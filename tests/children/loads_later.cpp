// A program that loads libraries while it runs, and spawns a function of each.
#include <multiprocessing/multiprocessing.hpp>

#include <cstdio>
#include <vector>

#include <dlfcn.h>

namespace mp = multiprocessing;

int main(int argc, char** argv) {
    mp::run_if_spawned();
    std::vector<void (*)()> functions;
    for (int i = 1; i < argc; ++i) {
        void* const library = ::dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            std::printf("%s\n", ::dlerror());
            return 1;
        }
        functions.push_back(reinterpret_cast<void (*)()>(::dlsym(library, "spawn_there")));
    }
    for (const auto spawn_there : functions) {
        try {
            spawn_there();
        } catch (const mp::SpawnError& error) {
            std::printf("SpawnError: %s\n", error.what());
        }
    }
}
