#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/synchronized.hpp>

namespace mp = multiprocessing;

// What has a lock is not given another: two locks guard nothing.
void guard(const mp::RawValue<int>& value, const mp::RawArray<int>& array) {
    const auto shared_value = mp::synchronized(value);
    const auto shared_array = mp::synchronized(array);
#if defined(REFUSED_1)
    // REFUSED_1: it is synchronized already; use it as it is
    mp::synchronized(shared_value);
#elif defined(REFUSED_2)
    // REFUSED_2: it is synchronized already; use it as it is
    mp::synchronized(shared_array);
#endif
}
