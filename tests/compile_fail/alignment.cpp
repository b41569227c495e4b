#include <multiprocessing/multiprocessing.hpp>

namespace mp = multiprocessing;

struct alignas(256) Aligned {
    int n;
};
struct alignas(512) OverAligned {
    int n;
};

struct alignas(4096) Page {
    int n;
};
struct alignas(8192) Pages {
    int n;
};

int main() {
    const mp::RawValue<Page> a_page;

    const mp::SharedValue<Aligned> right(mp::open_or_create, "a");
    const mp::SharedArray<OverAligned> without_a_name(2);

    // REFUSED_1: T is aligned to more than 256 bytes
    // REFUSED_1: Align T to 256 bytes or less, or give the object no name.
#if defined(REFUSED_1)
    const mp::SharedValue<OverAligned> wrong(mp::open_or_create, "b");
#endif
    // REFUSED_2: T is aligned to more than 256 bytes
#if defined(REFUSED_2)
    const mp::RawArray<OverAligned> wrong(mp::create_only, "b", 3);
#endif
    // REFUSED_3: T is aligned to more than 256 bytes
#if defined(REFUSED_3)
    const mp::ReadOnlyValue<OverAligned> wrong("b");
#endif
    // REFUSED_4: T is aligned to more than 4096 bytes, a page
    // REFUSED_4: Align T to 4096 bytes or less.
#if defined(REFUSED_4)
    const mp::RawValue<Pages> wrong;
#endif
    // REFUSED_5: T is aligned to more than 4096 bytes, a page
#if defined(REFUSED_5)
    const mp::SharedArray<Pages> wrong(2);
#endif
}
