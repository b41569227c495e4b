#include <multiprocessing/sharedctypes/copy.hpp>

namespace mp = multiprocessing;

// A copy of a Shared object: whether under the same lock, only its writer knows.
void twins(const mp::SharedValue<int>& value, const mp::SharedArray<int>& array) {
#if defined(REFUSED_1)
    // REFUSED_1: write SharedValue<T>(other.value()) for a new lock
    // REFUSED_1: or SharedValue<T>(with_lock(other.get_lock()), other.value())
    mp::copy(value);
#elif defined(REFUSED_2)
    // REFUSED_2: write SharedArray<T>(other.slice()) for a new lock
    // REFUSED_2: or SharedArray<T>(with_lock(other.get_lock()), other.slice())
    mp::copy(array);
#else
    const mp::SharedValue<int> other_value(value.value());
    const mp::SharedValue<int> same_lock(mp::with_lock(value.get_lock()), value.value());
    const mp::SharedArray<int> other_array(array.slice());
    const mp::SharedArray<int> same_lock_array(mp::with_lock(array.get_lock()), array.slice());
#endif
}
