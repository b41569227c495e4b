// What a spawned process has of its parent: what it is passed, and nothing else. Three things are here:
//   count    an ordinary global variable: every child has a fresh one, 0, whatever the parent's is by then;
//   scalar   a SharedValue: one int, the same one for all who are passed it;
//   vector   a SharedArray: three doubles, likewise.
// Each line of the output says who prints it and what it sees. (inheritance.cpp is the same with fork, where a child has a copy of count.)

#include <multiprocessing/multiprocessing.hpp>

#include <cstddef>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace mp = multiprocessing;

int count = 0;

// One write for each line, so that the lines of children that run at the same time do not mix.
void print(const std::string& label, const mp::SharedValue<int>& scalar, const mp::SharedArray<double>& vector) {
    std::ostringstream line;
    line << label << "  pid " << mp::current_process().pid() << "  count " << count << "  scalar " << scalar << "  vector "
         << vector << '\n';
    std::cout << line.str() << std::flush;
}

// Run by children. The += on shared objects are whole steps, so children side by side do not lose each other's.
void add_one_to_all(const std::string& label, const mp::SharedValue<int>& scalar, const mp::SharedArray<double>& vector) {
    count += 1; // the child's own, gone when it ends
    scalar += 1;
    for (std::ptrdiff_t i = 0; i < 3; ++i) {
        vector[i] += 1;
    }
    print(label, scalar, vector);
}

int main() {
    mp::run_if_spawned(); // a spawned process runs its function here, and ends

    const mp::SharedValue<int> scalar{0}; // const handles, changing numbers: the handle is what does not change
    const mp::SharedArray<double> vector(3);

    print("parent begin", scalar, vector);
    mp::spawn<print>("child", scalar, vector).join();

    // Loop 1. The parent changes all three, then makes a child and waits for it: the child sees the shared two as they are.
    for (std::ptrdiff_t i = 0; i < 3; ++i) {
        count += 1;
        scalar += 1;
        vector[i] += 1;
        mp::spawn<print>("loop 1 child " + std::to_string(i), scalar, vector).join();
    }

    // Loop 2. The same, but the children run while the parent goes on. In the shared ones each sees at least what the parent had done by
    // then, and maybe more.
    std::vector<mp::Process> side_by_side;
    for (std::ptrdiff_t i = 0; i < 3; ++i) {
        count += 1;
        scalar += 1;
        vector[i] += 1;
        side_by_side.push_back(mp::spawn<print>("loop 2 child " + std::to_string(i), scalar, vector));
    }
    for (mp::Process& child : side_by_side) {
        child.join();
    }
    side_by_side.clear();

    // Loop 3. Now the children change everything, one after the other. The shared changes stay; each child counts from 0.
    for (int i = 0; i < 3; ++i) {
        mp::spawn<add_one_to_all>("loop 3 child " + std::to_string(i), scalar, vector).join();
    }
    print("parent temp", scalar, vector);

    // Loop 4. The same side by side.
    for (int i = 0; i < 3; ++i) {
        side_by_side.push_back(mp::spawn<add_one_to_all>("loop 4 child " + std::to_string(i), scalar, vector));
    }
    for (mp::Process& child : side_by_side) {
        child.join();
    }
    print("parent end", scalar, vector);

    const bool as_promised = count == 6 && scalar.value() == 12 && vector.slice() == std::vector<double>{8, 8, 8};
    return as_promised ? 0 : 1;
}
