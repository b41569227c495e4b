#include <multiprocessing/sharedctypes/read_only.hpp>

namespace mp = multiprocessing;

struct Point {
    int x;
    int y;
};

// What is opened to be looked at is const. (The compilers' own words differ; that they point at the line does not.)
void look(const mp::ReadOnlyValue<int>& number, const mp::ReadOnlyValue<Point>& point, const mp::ReadOnlyArray<int>& array) {
#if defined(REFUSED_1)
    // REFUSED_1: number.value() = 1;
    number.value() = 1;
#elif defined(REFUSED_2)
    // REFUSED_2: point->x = 1;
    point->x = 1;
#elif defined(REFUSED_3)
    // REFUSED_3: array[0] = 1;
    array[0] = 1;
#elif defined(REFUSED_4)
    // REFUSED_4: const int
    int* const first = array.data();
    static_cast<void>(first);
#else
    static_cast<void>(number.value() + point->x + array[0] + *array.data());
#endif
}
