#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <vector>

namespace mp = multiprocessing;

// An integer takes no fraction: it would be cut off unseen.
void cut_off(const mp::SharedValue<int>& number, const mp::SharedArray<int>& array, const std::vector<double>& fractions) {
#if defined(REFUSED_1)
    // REFUSED_1: an integer is not made from a fraction, which would be cut off unseen: convert it first
    mp::RawValue<int> made(1.5);
#elif defined(REFUSED_2)
    // REFUSED_2: an integer is not made from a fraction, which would be cut off unseen: convert it first
    mp::SharedValue<int> made(1.5);
#elif defined(REFUSED_3)
    // REFUSED_3: an integer takes no fraction, which would be cut off unseen: convert it first
    number = 1.5;
#elif defined(REFUSED_4)
    // REFUSED_4: an integer takes no fraction, which would be cut off unseen: convert it first
    number.set(1.5);
#elif defined(REFUSED_5)
    // REFUSED_5: an integer takes no fraction, which would be cut off unseen: convert it first
    array[0] = 1.5;
#elif defined(REFUSED_6)
    // REFUSED_6: an integer takes no fraction: convert it first
    number += 1.5;
#elif defined(REFUSED_7)
    // REFUSED_7: an integer takes no fraction: convert it first
    array[0] *= 0.5F;
#elif defined(REFUSED_8)
    // REFUSED_8: RawArray
    mp::RawArray<int> made(fractions);
#elif defined(REFUSED_9)
    // REFUSED_9: assign_slice
    array.assign_slice(0, 2, fractions);
#else
    const mp::SharedValue<int> made(static_cast<int>(1.5));
    const mp::SharedValue<double> fraction(1);
    fraction += 1;
    number.update([](int& n) { n = static_cast<int>(n * 1.5); });
    array.assign_slice(0, 2, std::vector{1L, 2L});
    const mp::RawArray<double> several(fractions);
#endif
}
