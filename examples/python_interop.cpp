// Two programs, one memory, no copy: this one is C++, the other is Python. C++ makes a block of a million doubles and a list of mixed items;
// Python finds both by their names, adds up the one and changes the other; C++ sees what Python wrote.
//
// The manager removes the memory at the end, also if this program is killed.

#include <multiprocessing/multiprocessing.hpp>

#include <cstdlib>
#include <iostream>
#include <numeric>
#include <span>
#include <string>

namespace mp = multiprocessing;

constexpr int size = 1'000'000;

// What Python runs. Up to 3.12 Python removes at its exit what it has only opened, unless it is told not to: `opened` does that.
constexpr const char* script = R"(
import sys
from multiprocessing import resource_tracker, shared_memory

def opened(memory):
    resource_tracker.unregister(memory._name, 'shared_memory')
    return memory

block = opened(shared_memory.SharedMemory(sys.argv[1]))
numbers = block.buf.cast('d')
items = shared_memory.ShareableList(name=sys.argv[2])
opened(items.shm)

print('Python has the list', list(items))
items[1] = sum(numbers[:int(sys.argv[3])])
items[2] = 'done'
numbers[0] = -1.0

numbers.release()
block.close()
)";

int main() {
    mp::SharedMemoryManager manager;
    manager.start();

    const mp::SharedMemory block = manager.SharedMemory(size * sizeof(double));
    const std::span numbers(reinterpret_cast<double*>(block.buf().data()), size);
    std::iota(numbers.begin(), numbers.end(), 0.0);

    const mp::ShareableList list = manager.ShareableList({"sum of a million numbers", mp::none, "to do"});
    std::cout << "C++ has made the list   " << list[0] << ", " << list[1] << ", " << list[2] << std::endl;

    const std::string command = "python3 -c \"" + std::string(script) + "\" " + block.name() + " " + list.shm().name() + " " + std::to_string(size);
    if (std::system(command.c_str()) != 0) {
        std::cerr << "this example needs python3, version 3.8 or later\n";
        return 1;
    }
    std::cout << "C++ has now             " << list[0] << ", " << list[1] << ", " << list[2] << '\n'
              << "and the first number is " << numbers[0] << '\n';
}
