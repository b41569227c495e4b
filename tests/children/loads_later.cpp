// A program that loads a library while it runs, and spawns a function of it.
#include <multiprocessing/multiprocessing.hpp>

#include <cstdio>

#include <dlfcn.h>

namespace mp = multiprocessing;

int main(int, char** argv) {
    mp::run_if_spawned();
    void* const library = ::dlopen(argv[1], RTLD_NOW);
    if (library == nullptr) {
        std::printf("%s\n", ::dlerror());
        return 1;
    }
    const auto spawn_there = reinterpret_cast<void (*)()>(::dlsym(library, "spawn_there"));
    try {
        spawn_there();
    } catch (const mp::SpawnError& error) {
        std::printf("SpawnError: %s\n", error.what());
    }
}
