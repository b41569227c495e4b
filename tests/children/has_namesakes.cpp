// Functions that only their place tells apart: two files' static work(), and lambdas of one function.
#include "namesakes.hpp"

#include <multiprocessing/multiprocessing.hpp>

#include <cstdio>

namespace mp = multiprocessing;

static void work(const mp::SharedValue<int>& where) { where = 1; }

int spawn_first() {
    const mp::SharedValue<int> where(0);
    mp::spawn<&work>(where).join();
    return where.value();
}

int main() {
    mp::run_if_spawned();
    const mp::SharedValue<int> where(0);
    mp::spawn<[](const mp::SharedValue<int>& there) { there = 10; }>(where).join();
    const int lambda_one = where.value();
    mp::spawn<[](const mp::SharedValue<int>& there) { there = 20; }>(where).join();
    const int lambda_two = where.value();
    std::printf("%d %d %d %d\n", spawn_first(), spawn_second(), lambda_one, lambda_two);
}
