#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <algorithm>

namespace mp = multiprocessing;

// `a = b` of two handles reads as "copy the number", and would make `a` another name of b's.
void assign(mp::RawValue<int>& a, const mp::RawValue<int>& b) {
#if defined(REFUSED_1)
    // REFUSED_1: one handle is not assigned to another: to copy the number write a.value() = b.value()
    a = b;
#else
    a.value() = b.value();
#endif
}

void assign(mp::RawArray<int>& a, const mp::RawArray<int>& b) {
#if defined(REFUSED_2)
    // REFUSED_2: one handle is not assigned to another: to copy the elements write std::ranges::copy(b, a.begin())
    a = b;
#else
    std::ranges::copy(b, a.begin());
#endif
}

void assign(mp::SharedValue<int>& a, const mp::SharedValue<int>& b) {
#if defined(REFUSED_3)
    // REFUSED_3: one handle is not assigned to another: to copy the number write a.set(b.value())
    a = b;
#else
    a.set(b.value());
#endif
}

void assign(mp::SharedArray<int>& a, const mp::SharedArray<int>& b) {
#if defined(REFUSED_4)
    // REFUSED_4: one handle is not assigned to another: to copy the elements write a.assign_slice({}, {}, b.slice())
    a = b;
#else
    a.assign_slice({}, {}, b.slice());
#endif
}

void assign(mp::SharedArray<bool>& a, const mp::SharedArray<bool>& b) {
#if defined(REFUSED_5)
    // REFUSED_5: one handle is not assigned to another: to copy the elements write a.assign_slice({}, {}, b.slice())
    a = b;
#else
    a.assign_slice({}, {}, b.slice());
#endif
}

void assign(mp::SharedArray<char>& a, const mp::SharedArray<char>& b) {
#if defined(REFUSED_6)
    // REFUSED_6: one handle is not assigned to another: to copy the elements write a.assign_slice({}, {}, b.slice())
    a = b;
#else
    a.assign_slice({}, {}, b.slice());
#endif
}
