// Spawned processes fill a SharedArray, row by row, and count in two atomics.
#include <atomic>
#include <complex>
#include <cstddef>
#include <iostream>
#include <multiprocessing/multiprocessing.hpp>
#include <vector>
namespace mp = multiprocessing;

constexpr int width = 120, height = 40;

void draw(const mp::SharedArray<int>& image, const mp::RawValue<std::atomic<int>>& next_row, const mp::RawValue<std::atomic<long>>& steps) {
    for (int y = next_row->fetch_add(1); y < height; y = next_row->fetch_add(1)) {
        std::vector<int> row;
        for (int x = 0; x < width; ++x) {
            const std::complex<double> c(-2.2 + 3.2 * x / width, -1.2 + 2.4 * y / height);
            std::complex<double> z;
            int n = 0;
            for (; n < 1000 && std::norm(z) < 4; ++n)
                z = z * z + c;
            row.push_back(n);
            steps->fetch_add(n, std::memory_order_relaxed);
        }
        image.assign_slice(y * width, (y + 1) * width, row);
    }
}

int main() {
    mp::run_if_spawned();
    mp::SharedArray<int> image(width * height);
    mp::RawValue<std::atomic<int>> next_row;
    mp::RawValue<std::atomic<long>> steps;
    std::vector<mp::Process> workers;
    for (int i = 0; i < 4; ++i)
        workers.push_back(mp::spawn<draw>(image, next_row, steps));
    for (mp::Process& worker : workers) worker.join();
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x)
            std::cout << (image[y * width + x] == 1000 ? '#' : ' ');
        std::cout << '\n';
    }
    std::cout << steps.value() << " steps\n";
}
