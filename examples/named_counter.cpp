// A counter that programs find by its name: they need not be parent and child, nor the same program. Start it yourself,
//
//     named_counter add hits        in one terminal,
//     named_counter add hits        in another, at the same time, as often as you like,
//     named_counter show hits       to see the sum,
//     named_counter remove hits     when nobody needs it any more.
//
// (On Windows a name lives as long as somebody has the object open.) Without words it does that by itself: two programs add at once.

#include <multiprocessing/multiprocessing.hpp>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <thread>

namespace mp = multiprocessing;

constexpr int additions = 50'000;

using Counter = mp::SharedValue<std::int64_t>;

void add(const std::string& name) {
    const Counter hits(mp::open_or_create, name, 0); // whoever comes first makes it, complete, with a 0
    for (int i = 0; i < additions; ++i) {
        hits += 1; // one step, under a lock that is in the object
    }
}

void show(const std::string& name) {
    std::cout << Counter(mp::open_only, name) << '\n';
}

// Starts this program twice, as a shell would: the two know nothing of each other, and of this one, but the name.
int demonstrate(const std::string& program) {
    const std::string name = "named_counter." + std::to_string(mp::current_process().pid());
    const Counter hits(mp::create_only, mp::object_name(name).unlink_on_destroy(), 0); // the name goes with this handle

    int failures[2] = {};
    const auto start = [&](int which) { failures[which] = std::system(("\"" + program + "\" add " + name).c_str()); };
    std::thread first(start, 0);
    std::thread second(start, 1);
    first.join();
    second.join();

    std::cout << "two programs added " << additions << " each: " << hits << '\n';

    try {
        const mp::SharedValue<float> wrong(mp::open_only, name);
    } catch (const mp::LayoutError& error) {
        std::cout << error.what() << '\n';
    }
    return failures[0] == 0 && failures[1] == 0 && hits.value() == 2 * additions ? 0 : 1;
}

int main(int count, char** words) try {
    const std::string command = count == 3 ? words[1] : "";
    if (command == "add") {
        add(words[2]);
    } else if (command == "show") {
        show(words[2]);
    } else if (command == "remove") {
        mp::unlink(words[2]);
    } else if (count == 1) {
        return demonstrate(words[0]);
    } else {
        std::cerr << "named_counter [add NAME | show NAME | remove NAME]\n";
        return 2;
    }
    return 0;
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
