// What loads_later.cpp loads when main has begun already: a library with a function to be spawned.
#include <multiprocessing/multiprocessing.hpp>

#include <cstdio>

namespace {
void function_of_the_library() { std::puts("ran"); }
} // namespace

extern "C" void spawn_there() { multiprocessing::spawn<&function_of_the_library>().join(); }
