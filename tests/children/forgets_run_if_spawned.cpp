// A program that spawns though its main never calls run_if_spawned().
#include <multiprocessing/multiprocessing.hpp>

#include <cstdio>

int main() {
    try {
        multiprocessing::spawn<[] { std::puts("ran"); }>().join();
    } catch (const multiprocessing::SpawnError& error) {
        std::printf("SpawnError: %s\n", error.what());
    }
}
