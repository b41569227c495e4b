// The counter example on every system: ten processes add 1 to one shared int, twenty times each, with a pause of 10 ms between. Two
// hundred additions: is the end 200? Three ways side by side, ten rounds of each, and a table at the end of how many updates were lost.
//
// `spawn` starts the program anew and calls a function in it. So, unlike in counter.cpp, a way is a function of its own and the shared int
// is its argument; a fresh process has nothing that a lambda could have captured.

#include <multiprocessing/multiprocessing.hpp>

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

constexpr int processes = 10;
constexpr int additions = 20;
constexpr int expected = processes * additions;
constexpr int rounds = 10;

// Way 1: shared memory and nothing else. What this does to `number` is what Python's `v.value += 1` does to a Value: one step
// reads, a later step writes, and whatever another process wrote in between is overwritten. The 1 ms between the two stands for
// the work that a program does to find its new value; without it updates are lost too, only not so often.
void add_to_raw_value(const mp::RawValue<int>& counter) {
    const int number = counter.value();
    std::this_thread::sleep_for(1ms);
    counter.value() = number + 1;
}

// Way 2: += is one whole step, under the lock that every SharedValue has.
void add_to_shared_value(const mp::SharedValue<int>& counter) {
    counter += 1;
}

// Way 3: line for line way 1, with the lock held from the read to the write. This is how to guard what is more than one
// operation. The processes take turns for that millisecond; the 10 ms they all pause at once.
void add_under_get_lock(const mp::SharedValue<int>& counter) {
    const std::scoped_lock guard(counter.get_lock());
    const int number = counter.value(); // locks once more, which a recursive lock allows
    std::this_thread::sleep_for(1ms);
    counter = number + 1;
}

// What one spawned process does.
template <auto add_one, class Counter>
void work(const Counter& counter) {
    for (int n = 0; n < additions; ++n) {
        std::this_thread::sleep_for(10ms);
        add_one(counter);
    }
}

// Runs `work` in ten processes at once, and returns what is in the counter when all of them have ended.
template <auto add_one, class Counter>
int run_processes() {
    const Counter counter(0);
    std::vector<mp::Process> workers;
    for (int i = 0; i < processes; ++i) {
        workers.push_back(mp::spawn<work<add_one, Counter>>(counter));
    }
    for (mp::Process& worker : workers) {
        worker.join();
    }
    return counter.value();
}

struct way {
    std::string name;
    int (*run)();
    bool guarded; // so nothing may be lost
    std::vector<int> results = {};
};

int main() {
    mp::run_if_spawned(); // a spawned process runs its function here, and ends

    std::vector<way> ways = {
        {"RawValue", run_processes<add_to_raw_value, mp::RawValue<int>>, false},
        {"SharedValue, +=", run_processes<add_to_shared_value, mp::SharedValue<int>>, true},
        {"SharedValue, get_lock()", run_processes<add_under_get_lock, mp::SharedValue<int>>, true},
    };

    std::cout << processes << " processes add 1 to a shared int, " << additions << " times each: " << expected << " is right\n\n";

    const auto column = [](const way& one) { return std::setw(static_cast<int>(one.name.size()) + 3); };
    std::cout << std::setw(11) << "";
    for (const way& each : ways) {
        std::cout << column(each) << each.name;
    }
    std::cout << '\n';
    for (int round = 1; round <= rounds; ++round) {
        std::cout << "round " << std::setw(2) << round << "/" << rounds << std::flush;
        for (way& each : ways) {
            each.results.push_back(each.run());
            std::cout << column(each) << each.results.back() << std::flush; // as soon as it is known
        }
        std::cout << '\n';
    }

    bool kept = true;
    std::cout << "\nway                        worst round   best round    added     lost\n";
    for (const way& each : ways) {
        const auto [worst, best] = std::ranges::minmax(each.results);
        int added = 0;
        for (const int result : each.results) {
            added += result;
            kept = kept && (!each.guarded || result == expected);
        }
        const int lost = rounds * expected - added;
        std::cout << std::left << std::setw(25) << each.name << std::right << std::setw(13) << worst << std::setw(13) << best
                  << std::setw(9) << added << std::setw(9) << lost << '\n';
    }

    std::cout << (kept ? "\nThe SharedValue lost nothing.\n" : "\nThe SharedValue lost updates: that is a bug of the library.\n");
    return kept ? 0 : 1;
}
