#include <multiprocessing/multiprocessing.hpp>

#include <cstdio>

namespace {
void function_of_the_library() { std::puts("ran"); }
} // namespace

extern "C" void spawn_there() { multiprocessing::spawn<&function_of_the_library>().join(); }
