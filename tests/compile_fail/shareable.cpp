#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mp = multiprocessing;

// What may not be shared, by each of the four objects, and what is written instead.
struct Pointer {
    int number;
    int* pointer;
};
struct Nested {
    Pointer inside;
    double fraction;
};
struct View {
    int number;
    std::string_view text;
};
struct Reference {
    int& reference;
};
struct Counters {
    int number;
    std::atomic<int> hits;
};
struct Guarded {
    std::atomic<int> hits;
    std::mutex mutex;
};
struct Hooked {
    std::atomic<int> hits;
    std::atomic<int*> last;
};
struct Watching {
    const int& watched;
    std::atomic<int> hits;
};
struct Wide {
    long numbers[8];
};

#if defined(REFUSED_1)
// REFUSED_1: multiprocessing: T is not trivially copyable: it owns something (memory, a handle) that lives in this process only.
// REFUSED_1: for std::string a SharedArray<char>, for std::vector a SharedArray
using refused = decltype(mp::SharedValue<std::string>());
#elif defined(REFUSED_2)
// REFUSED_2: multiprocessing: T is not trivially copyable: it owns something (memory, a handle) that lives in this process only.
using refused = decltype(mp::SharedValue<std::vector<int>>());
#elif defined(REFUSED_3)
// REFUSED_3: multiprocessing: T is a pointer (or a view made of one), which is an address of this process
// REFUSED_3: Share what it points to: a SharedValue of it, or a SharedArray; for text a SharedArray<char>.
using refused = decltype(mp::SharedValue<int*>());
#elif defined(REFUSED_4)
// REFUSED_4: multiprocessing: T is const or volatile, but a shared object is there to be changed. Write T without it
using refused = decltype(mp::SharedValue<const int>());
#elif defined(REFUSED_5)
// REFUSED_5: multiprocessing: T is a reference, which is an address of this process
// REFUSED_5: Write the type it refers to.
using refused = decltype(mp::SharedValue<int&>());
#elif defined(REFUSED_6)
// REFUSED_6: multiprocessing: T has a member that is a pointer, an address of this process that means nothing in another.
// REFUSED_6: Keep an index into a SharedArray instead, or the bytes themselves in a std::array.
using refused = decltype(mp::SharedValue<Pointer>());
#elif defined(REFUSED_7)
// REFUSED_7: multiprocessing: T has a member that is a pointer
using refused = decltype(mp::SharedValue<Nested>());
#elif defined(REFUSED_8)
// REFUSED_8: multiprocessing: T has a member that is a pointer
using refused = decltype(mp::SharedValue<std::array<Pointer, 2>>());
#elif defined(REFUSED_9)
// REFUSED_9: multiprocessing: T has a member that is a pointer
using refused = decltype(mp::SharedValue<View>());
#elif defined(REFUSED_10)
// REFUSED_10: multiprocessing: T is a built-in array. Write SharedArray or RawArray for the array itself, or std::array<T, N>
using refused = decltype(mp::SharedValue<int[3]>());
#elif defined(REFUSED_11)
// REFUSED_11: multiprocessing: T cannot be assigned to: it has a member that is a reference, which is an address of this process
using refused = decltype(mp::SharedValue<Reference>(std::declval<Reference>()));
#elif defined(REFUSED_12)
// REFUSED_12: multiprocessing: this std::atomic is not lock-free, so it keeps its lock in this process only. Use SharedValue
using refused = decltype(mp::RawValue<std::atomic<Wide>>());
#elif defined(REFUSED_13)
// REFUSED_13: multiprocessing: a SharedValue or SharedArray has a lock, so its T need not be atomic. Write it without std::atomic
// REFUSED_13: RawValue<std::atomic<T>>
using refused = decltype(mp::SharedValue<std::atomic<int>>());
#elif defined(REFUSED_14)
// REFUSED_14: multiprocessing: a SharedValue or SharedArray has a lock, so its T need not be atomic.
using refused = decltype(mp::SharedArray<std::atomic<int>>(3));
#elif defined(REFUSED_15)
// REFUSED_15: multiprocessing: T is not trivially copyable
using refused = decltype(mp::RawValue<std::string>());
#elif defined(REFUSED_16)
// REFUSED_16: multiprocessing: T is not trivially copyable
using refused = decltype(mp::SharedArray<std::string>(3));
#elif defined(REFUSED_17)
// REFUSED_17: multiprocessing: T is not trivially copyable
using refused = decltype(mp::RawArray<std::vector<int>>(3));
#elif defined(REFUSED_18)
// REFUSED_18: multiprocessing: T is a pointer (or a view made of one)
using refused = decltype(mp::RawValue<int*>());
#elif defined(REFUSED_19)
// REFUSED_19: multiprocessing: T is a pointer (or a view made of one)
using refused = decltype(mp::SharedArray<const char*>(3));
#elif defined(REFUSED_20)
// REFUSED_20: multiprocessing: T has a member that is a pointer
using refused = decltype(mp::RawArray<Pointer>(3));
#elif defined(REFUSED_21)
// REFUSED_21: multiprocessing: T is const or volatile
using refused = decltype(mp::RawArray<const int>(3));
#elif defined(REFUSED_22)
// REFUSED_22: multiprocessing: T is a pointer (or a view made of one)
using refused = decltype(mp::SharedValue<std::string_view>());
#elif defined(REFUSED_23)
// REFUSED_23: multiprocessing: T cannot be assigned to
// REFUSED_23: One with std::atomic members goes into a RawValue or RawArray, and needs no lock
using refused = decltype(mp::SharedValue<Counters>());
#elif defined(REFUSED_24)
// REFUSED_24: A std::pair or std::tuple has an assignment of its own: RawValue and RawArray take it
using refused = decltype(mp::SharedValue<std::pair<int, int>>());
#elif defined(REFUSED_25)
// REFUSED_25: multiprocessing: T is not trivially copyable
const mp::SharedValue<std::string> refused("text");
#elif defined(REFUSED_26)
// REFUSED_26: multiprocessing: T cannot be assigned to
// REFUSED_26: that is a std::mutex or the like, which works in one process only
using refused = decltype(mp::RawValue<Guarded>());
#elif defined(REFUSED_27)
// REFUSED_27: multiprocessing: T has a member that is a pointer
using refused = decltype(mp::RawValue<Hooked>());
#elif defined(REFUSED_28)
// REFUSED_28: multiprocessing: T has a member that is a pointer
using refused = decltype(mp::RawValue<std::pair<int, const char*>>());
#elif defined(REFUSED_29)
// REFUSED_29: multiprocessing: T cannot be assigned to
using refused = decltype(mp::RawValue<Watching>(std::declval<const int&>(), 1));
#else
using accepted = decltype(mp::SharedValue<Wide>());
using atomics = decltype(mp::RawValue<std::atomic<int>>());
using counters = decltype(mp::RawValue<Counters>(1, 2));
using pairs = decltype(mp::RawArray<std::pair<int, double>>(3));
using text = decltype(mp::SharedArray<char>("text"));
using table = decltype(mp::RawArray<std::array<int, 3>>(3));
#endif
