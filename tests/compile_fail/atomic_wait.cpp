#include <multiprocessing/multiprocessing.hpp>

#include <atomic>
#include <cstdint>

namespace mp = multiprocessing;

int main() {
    const mp::RawValue<std::atomic<std::int32_t>> flag(0);
    mp::atomic_wait(*flag, 1);
    mp::atomic_notify_all(*flag);

    [[maybe_unused]] const mp::RawValue<std::atomic<std::int64_t>> wide(0);
    // REFUSED_1: processes wait for an atomic of 4 bytes, such as RawValue<std::atomic<std::int32_t>>
#if defined(REFUSED_1)
    mp::atomic_wait(*wide, 1);
#endif
    // REFUSED_2: processes wait for an atomic of 4 bytes, such as RawValue<std::atomic<std::int32_t>>
#if defined(REFUSED_2)
    mp::atomic_notify_one(*wide);
#endif
}
