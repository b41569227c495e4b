#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <algorithm>
#include <ranges>
#include <string>
#include <vector>

namespace mp = multiprocessing;

struct Point {
    double x;
    double y;
};

int increased(int number) { return number + 1; }

// What is done to a copy is lost.
void change(const mp::SharedArray<int>& array, const mp::SharedArray<Point>& points, const mp::SharedValue<int>& number,
            const mp::SharedValue<Point>& point) {
#if defined(REFUSED_1)
    // REFUSED_1: what iterating over a SharedArray yields is a copy, and a change of it would be lost
    // REFUSED_1: write for (auto& x : array.synchronize()), or array[i] = value; for a copy of your own, for (auto x : array)
    for (auto&& x : array) {
        x = 1;
    }
#elif defined(REFUSED_2)
    // REFUSED_2: what iterating over a SharedArray yields is a copy
    for (auto&& x : array) {
        x += 1;
    }
#elif defined(REFUSED_3)
    // REFUSED_3: what iterating over a SharedArray yields is a copy
    for (auto&& x : array) {
        ++x;
    }
#elif defined(REFUSED_4)
    // REFUSED_4: p.x = 1;
    for (auto&& p : points) {
        p.x = 1;
    }
#elif defined(REFUSED_5)
    // REFUSED_5: p = Point();
    for (auto&& p : points) {
        p = Point();
    }
#elif defined(REFUSED_6)
    // REFUSED_6: point.value() = Point();
    point.value() = Point();
#elif defined(REFUSED_7)
    // REFUSED_7: points[0].value() = Point();
    points[0].value() = Point();
#elif defined(REFUSED_8)
    // REFUSED_8: multiprocessing: update(f): f takes a copy, and what it does to that is lost
    // REFUSED_8: Let it take a reference: update([](T& value) { value = ...; }).
    number.update([](int n) { return n + 1; });
#elif defined(REFUSED_9)
    // REFUSED_9: multiprocessing: update(f): f takes a copy
    number.update(increased);
#elif defined(REFUSED_10)
    // REFUSED_10: multiprocessing: update(f): f takes a copy
    points[0].update([times = 0](Point p) mutable { p.x = ++times; });
#else
    static_assert(std::ranges::input_range<const mp::SharedArray<int>&> && std::ranges::input_range<const mp::SharedArray<Point>&>);
    for (auto& x : array.synchronize()) {
        x = 1;
    }
    int sum = 0;
    for (const auto x : array) {
        sum += x + std::max<int>(x, 2) + (x > 1 ? x : 0);
    }
    for (auto x : array) { // a copy of one's own
        x += 1;
        ++x;
        x = x * 2;
        sum += x;
    }
    for (Point p : points) {
        p.x += 1;
    }
    for (const auto& [x, y] : points) {
        sum += static_cast<int>(x + y);
    }
    std::vector<long> copied(array.begin(), array.end());
    copied.push_back(std::ranges::max(array));
    copied.push_back(std::ranges::find(array, 1) != array.end());
    copied.push_back(std::ranges::count_if(array, [](int x) { return x > 1; }));
    std::ranges::copy(array, copied.begin());
    points[0] = Point();
    point = Point();
    number.update([sum](int& n) { n = increased(n) + sum; });
    number.update([](auto& n) { ++n; });
    static_cast<void>(number.update([](const int& n) { return n; }));
    static_cast<void>(point.update(&Point::x));
#endif
}
