#include <multiprocessing/sharedctypes/read_only.hpp>

#include <string>

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
#elif defined(REFUSED_5)
    // REFUSED_5: T is not trivially copyable: it owns something (memory, a handle) that lives in this process only
    const mp::ReadOnlyValue<std::string> text("name");
#elif defined(REFUSED_6)
    // REFUSED_6: T is a pointer (or a view made of one), which is an address of this process and means nothing in another
    const mp::ReadOnlyArray<int*> pointers("name");
#elif defined(REFUSED_7)
    // REFUSED_7: T is const or volatile, but a shared object is there to be changed
    const mp::ReadOnlyValue<const int> constant("name");
#else
    static_cast<void>(number.value() + point->x + array[0] + *array.data());
#endif
}
