// What count.sh counts the instructions of: `instructions <what> <times>` does that so many times.
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace {

namespace mp = multiprocessing;

/// The compiler must take it that others read and write this object.
template <class T>
void others_look(T& object) {
    asm volatile("" : "+m"(object));
}

constexpr std::size_t length = 1'000'000;

void increment_int(long times) {
    int number = 0;
    for (; times != 0; --times) {
        ++number;
        others_look(number);
    }
}
void increment_raw_value(long times) {
    const mp::RawValue<int> number(0);
    for (; times != 0; --times) {
        ++number.value();
        others_look(number.value());
    }
}
void fetch_add_atomic(long times) {
    std::atomic<int> number = 0;
    for (; times != 0; --times) {
        number.fetch_add(1);
        others_look(number);
    }
}
void fetch_add_raw_value(long times) {
    const mp::RawValue<std::atomic<int>> shared(0);
    std::atomic<int>& number = shared.value(); // as a pointer would be: the compiler reloads it after every atomic operation
    for (; times != 0; --times) {
        number.fetch_add(1);
        others_look(number);
    }
}
template <class Range>
void sum(const Range& numbers) {
    double total = std::accumulate(numbers.begin(), numbers.end(), 0.0);
    others_look(total);
}
void sum_vector(long times) {
    const std::vector<double> numbers(length);
    for (; times != 0; --times) {
        sum(numbers);
    }
}
void sum_raw_array(long times) {
    const mp::RawArray<double> numbers(length);
    for (; times != 0; --times) {
        sum(numbers);
    }
}
void sum_synchronized_array(long times) {
    const mp::SharedArray<double> numbers(length);
    for (; times != 0; --times) {
        sum(numbers.synchronize());
    }
}

const std::map<std::string, void (*)(long)> all{
    {"increment_int", increment_int},       {"increment_raw_value", increment_raw_value}, {"fetch_add_atomic", fetch_add_atomic},
    {"fetch_add_raw_value", fetch_add_raw_value}, {"sum_vector", sum_vector},             {"sum_raw_array", sum_raw_array},
    {"sum_synchronized_array", sum_synchronized_array}};

} // namespace

int main(int argc, char** argv) {
    const auto what = argc == 3 ? all.find(argv[1]) : all.end();
    if (what == all.end()) {
        std::fprintf(stderr, "usage: instructions <what> <times>, where what is one of:\n");
        for (const auto& [name, function] : all) {
            std::fprintf(stderr, "  %s\n", name.c_str());
        }
        return 2;
    }
    what->second(std::atol(argv[2]));
}
