#include <multiprocessing/shared_memory/shared_memory.hpp>

#include <cstddef>

namespace mp = multiprocessing;

// What is only looked at is not made, and not written. (The compilers' own words for the latter differ; that they point at the line does not.)
void look(const mp::SharedMemory& memory) {
#if defined(REFUSED_1)
    // REFUSED_1: memory that is made is there to be written: make a SharedMemory, and let readers open it as ReadOnlySharedMemory(open_only, name)
    const mp::ReadOnlySharedMemory made(mp::create_only, 100);
#elif defined(REFUSED_2)
    // REFUSED_2: memory that is made is there to be written: make a SharedMemory, and let readers open it as ReadOnlySharedMemory(open_only, name)
    const mp::ReadOnlySharedMemory made(mp::create_only, "name", 100);
#elif defined(REFUSED_3)
    const mp::ReadOnlySharedMemory seen(mp::open_only, memory.name());
    // REFUSED_3: seen.buf()[0] = std::byte{1};
    seen.buf()[0] = std::byte{1};
#else
    const mp::SharedMemory made(mp::create_only, 100);
    const mp::ReadOnlySharedMemory seen(mp::open_only, made.name());
    made.buf()[0] = seen.buf()[1];
    static_cast<void>(memory);
#endif
}
