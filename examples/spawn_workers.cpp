// Any number of workers over one shared array: for each number below two million, how many steps of "halve it if it is even, else 3 n + 1" lead
// to 1? Nobody divides the work beforehand. Each worker takes the next piece when it is done with one, and the parent prints how far they are.
//
//     example_spawn_workers [workers]      as many as there are processors, unless told

#include <multiprocessing/multiprocessing.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

constexpr std::size_t numbers = 2'000'000;
constexpr std::size_t piece = 10'000;

int steps_to_one(std::uint64_t n) {
    int steps = 0;
    for (; n > 1; ++steps) {
        n = n % 2 == 0 ? n / 2 : 3 * n + 1;
    }
    return steps;
}

// One worker. No two of them ever get the same piece, so the array needs no lock; what hands out the pieces is one whole step, and so is
// what counts those that are done.
void work(const mp::RawArray<int>& steps, const mp::SharedValue<std::size_t>& next, const mp::SharedValue<std::size_t>& done) {
    for (;;) {
        const std::size_t first = (next += piece) - piece;
        if (first >= steps.size()) {
            return;
        }
        const std::size_t end = std::min(first + piece, steps.size());
        for (std::size_t n = first; n < end; ++n) {
            steps[n] = steps_to_one(n);
        }
        done += end - first;
    }
}

int main(int argc, char** argv) {
    mp::run_if_spawned(); // a spawned process runs its function here, and ends

    const unsigned workers = argc > 1 ? static_cast<unsigned>(std::max(1, std::atoi(argv[1]))) : mp::cpu_count();
    const mp::RawArray<int> steps(numbers);
    const mp::SharedValue<std::size_t> next{0};
    const mp::SharedValue<std::size_t> done{0};

    std::vector<mp::Process> running;
    std::vector<mp::Process*> left;
    for (unsigned i = 0; i < workers; ++i) {
        running.push_back(mp::spawn<work>({.name = "worker " + std::to_string(i + 1)}, steps, next, done));
    }
    for (mp::Process& each : running) {
        left.push_back(&each);
    }

    bool well = true;
    while (!left.empty()) {
        for (mp::Process* const ended : mp::wait(left, 100ms)) { // sleeps until one ends, or it is time for another progress line
            if (ended->exitcode() != 0) {
                std::cout << '\n' << ended->name() << " ended with exit code " << ended->exitcode().value();
                well = false;
            }
            std::erase(left, ended);
        }
        const std::size_t percent = done.value() * 100 / numbers;
        std::cout << "\r[" << std::string(percent / 5, '#') << std::string(20 - percent / 5, '.') << "] " << percent << " %, " << left.size()
                  << " at work  " << std::flush;
    }

    const auto longest = std::ranges::max_element(steps);
    std::cout << "\nof the numbers below " << numbers << ", " << longest - steps.begin() << " takes the longest: " << *longest << " steps\n";
    return well && done.value() == numbers ? 0 : 1;
}
