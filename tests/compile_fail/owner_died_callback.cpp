#include <multiprocessing/synchronize/owner_died_callback.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

namespace mp = multiprocessing;

// A repair is called without arguments: what it needs, it captures.
void guard(const mp::RLock& lock, int& repaired) {
#if defined(REFUSED_1)
    // REFUSED_1: OwnerDiedCallback(lock, f): f is called as f(), without arguments
    // REFUSED_1: Let it capture what it repairs: OwnerDiedCallback(lock, [&] { ... })
    const mp::OwnerDiedCallback repair(lock, [](int& number) { number = 0; });
    ++repaired;
#else
    const mp::OwnerDiedCallback repair(lock, [&] { repaired = 1; });
#endif
}
