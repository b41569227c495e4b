// A staged start and work in lockstep. Five processes each own one number of a row and wait for the start. In each pass everyone reads its
// neighbours' numbers and then writes their mean: nobody may write before all have read, and nobody may read before all have
// written. A barrier stands between the two. The same sums by one process, at the end, show that nobody was out of step.

#include <multiprocessing/multiprocessing.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iomanip>
#include <iostream>
#include <vector>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

constexpr std::size_t cells = 5;
constexpr int passes = 200;

constexpr std::size_t left_of(std::size_t cell) { return (cell + cells - 1) % cells; }
constexpr std::size_t right_of(std::size_t cell) { return (cell + 1) % cells; }

// One process. The row has no lock: the barrier says when it is read and when it is written.
void work(std::size_t cell, const mp::RawArray<double>& row, const mp::Event& start, const mp::Barrier& in_step) {
    start.wait();
    for (int pass = 0; pass < passes; ++pass) {
        const double mean = (row[left_of(cell)] + row[cell] + row[right_of(cell)]) / 3;
        in_step.wait(); // all have read
        row[cell] = mean;
        in_step.wait(); // all have written
    }
}

int main() {
    mp::run_if_spawned();

    const mp::RawArray<double> row{100, 0, 0, 50, 0};
    std::vector<double> alone(row.begin(), row.end());
    const mp::Event start;
    const mp::Barrier in_step(cells);

    std::vector<mp::Process> workers;
    for (std::size_t cell = 0; cell < cells; ++cell) {
        workers.push_back(mp::spawn<work>(cell, row, start, in_step));
    }
    std::cout << cells << " processes wait for the start: " << (start.wait_for(100ms) ? "too early" : "nobody has begun") << '\n';
    start.set();
    for (mp::Process& each : workers) {
        each.join();
    }

    for (int pass = 0; pass < passes; ++pass) {
        const std::vector<double> before = alone;
        for (std::size_t cell = 0; cell < cells; ++cell) {
            alone[cell] = (before[left_of(cell)] + before[cell] + before[right_of(cell)]) / 3;
        }
    }
    std::cout << passes << " passes:" << std::fixed << std::setprecision(3);
    for (const double each : row) {
        std::cout << ' ' << each;
    }
    const bool same = std::ranges::equal(row, alone);
    std::cout << (same ? "\nThe same as one process computes alone.\n" : "\nOut of step: that is a bug of the library.\n");
    return same ? 0 : 1;
}
