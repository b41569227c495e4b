// README's first program.
#include <iostream>
#include <multiprocessing/multiprocessing.hpp>
#include <vector>
namespace mp = multiprocessing;

int main() {
    mp::SharedValue<int> counter{0};
    std::vector<mp::Process> workers;
    for (int i = 0; i < 4; ++i)
        workers.push_back(mp::fork([&] {
            for (int n = 0; n < 50'000; ++n)
                counter += 1;
        }));
    for (mp::Process& worker : workers) worker.join();
    std::cout << counter << '\n';
}
