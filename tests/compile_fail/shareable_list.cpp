#include <multiprocessing/shared_memory/shareable_list.hpp>
#include <multiprocessing/shared_memory/shared_memory_manager.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace mp = multiprocessing;

// What a list of Python's cannot hold is no item of one.
void fill(const mp::ShareableList& list, std::uint64_t large, const std::vector<int>& numbers) {
#if defined(REFUSED_1)
    // REFUSED_1: a ShareableList holds what Python's does: mp::none, bool, integers that fit std::int64_t, double, text and mp::bytes
    list[0] = numbers;
#elif defined(REFUSED_2)
    // REFUSED_2: a ShareableList holds what Python's does: mp::none, bool, integers that fit std::int64_t, double, text and mp::bytes
    list.set(0, numbers);
#elif defined(REFUSED_3)
    // REFUSED_3: a ShareableList holds what Python's does: mp::none, bool, integers that fit std::int64_t, double, text and mp::bytes
    list[0] = large;
#elif defined(REFUSED_4)
    // REFUSED_4: a ShareableList holds what Python's does: mp::none, bool, integers that fit std::int64_t, double, text and mp::bytes
    list[0] = &numbers;
#elif defined(REFUSED_5)
    // REFUSED_5: a text is one item, not a range of them: write ShareableList{text}
    mp::ShareableList(mp::create_only, "howdy");
#elif defined(REFUSED_6)
    // REFUSED_6: a text is one item, not a range of them: write ShareableList{text}
    mp::ShareableList(mp::create_only, "name", std::string("howdy"));
#elif defined(REFUSED_7)
    // REFUSED_7: a text is one item, not a range of them: write ShareableList({text})
    static_cast<void>(mp::SharedMemoryManager().ShareableList(std::string("howdy")));
#else
    mp::ShareableList{"howdy"};
    mp::ShareableList(mp::create_only, std::vector<std::string>{"h", "o"});
    static_cast<void>(mp::SharedMemoryManager().ShareableList({"howdy"}));
    list[0] = mp::none;
    list[1] = true;
    list[2] = static_cast<std::int64_t>(large);
    list[3] = 0.5;
    list[4] = "text";
    list[5] = std::string("text");
    list[6] = mp::bytes("bytes");
    list[7] = list[6];
    list.set(8, numbers[0]);
#endif
}
