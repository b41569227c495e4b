// The other file of has_namesakes.cpp, with functions of the same names.
#include "../namesakes.hpp"

#include <multiprocessing/multiprocessing.hpp>

namespace mp = multiprocessing;

static void work(const mp::SharedValue<int>& where) { where = 2; }

int spawn_second() {
    const mp::SharedValue<int> where(0);
    mp::spawn<&work>(where).join();
    return where.value();
}
