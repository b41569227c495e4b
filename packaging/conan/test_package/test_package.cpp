// A spawned process adds to a number that both see.
#include <multiprocessing/multiprocessing.hpp>

#include <iostream>

namespace mp = multiprocessing;

void add(const mp::SharedValue<int>& counter) { counter += 1; }

int main() {
    mp::run_if_spawned();

    mp::SharedValue<int> counter{41};
    mp::spawn<add>(counter).join();
    std::cout << counter << '\n';
    return counter.value() == 42 ? 0 : 1;
}
