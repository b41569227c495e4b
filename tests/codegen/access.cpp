// Pairs of functions that do the same to an ordinary object (plain_*) and to one of the library's (raw_*): compare.cmake
// compares what the compiler makes of them.
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>

#include <atomic>
#include <span>

namespace mp = multiprocessing;

// Makes the compiler store and load at every turn, as for memory that others look at.
inline void others_look() { asm volatile("" ::: "memory"); }

extern "C" {

void plain_increment(int& number) { number += 1; }
void raw_increment(mp::RawValue<int>& shared) { shared.value() += 1; }

void plain_fetch_add(std::atomic<int>& number) { number.fetch_add(1); }
void raw_fetch_add(mp::RawValue<std::atomic<int>>& shared) { shared->fetch_add(1); }

void plain_loop(int& number, unsigned times) {
    for (; times != 0; --times) {
        number += 1;
        others_look();
    }
}
void raw_loop(mp::RawValue<int>& shared, unsigned times) {
    int& number = shared.value();
    for (; times != 0; --times) {
        number += 1;
        others_look();
    }
}

double plain_sum(const std::span<double>& numbers) {
    double sum = 0;
    for (const double each : numbers) {
        sum += each;
    }
    return sum;
}
double raw_sum(const mp::RawArray<double>& numbers) {
    double sum = 0;
    for (const double each : numbers) {
        sum += each;
    }
    return sum;
}

// ---- What the comparison itself must refuse ----

int somewhere_else(int);

void plain_self_test(int& number) { number += 1; }
void raw_self_test(int& number) { number = somewhere_else(number); }

void plain_self_test_loop(int& number, unsigned times) { plain_loop(number, times); }
void raw_self_test_loop(mp::RawValue<int>& shared, unsigned times) {
    for (; times != 0; --times) {
        shared.value() += 1; // looks the address up at every turn
        others_look();
    }
}

} // extern "C"
