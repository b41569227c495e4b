#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <cstdlib>
#include <functional>
#include <string>

namespace mp = multiprocessing;

void write_to(int& number) { number = 1; }
int return_number(int number) { return number; }

// What a child writes to a copy, and what it returns, is lost.
void lose(mp::SharedValue<int>& shared, int number, std::string text) {
#if defined(REFUSED_1)
    // REFUSED_1: this function takes a reference to non-const, and what it is given there is the child's own copy
    // REFUSED_1: (fork alone: std::ref(x), where the child is to have an x to write to.)
    mp::fork(write_to, number).join();
#elif defined(REFUSED_2)
    // REFUSED_2: this function takes a reference to non-const
    mp::fork({.name = "named"}, [](const auto&, auto& own) { own += "!"; }, shared, text).join();
#elif defined(REFUSED_3)
    // REFUSED_3: this function returns something, which nobody would get: a process has an exit code, and it is 0
    // REFUSED_3: or end the process with an exit code of its own: fork([&] { std::exit(f()); }).
    mp::fork([] { return 5; }).join();
#elif defined(REFUSED_4)
    // REFUSED_4: this function returns something, which nobody would get
    mp::fork({.name = "named"}, return_number, number).join();
#else
    mp::fork(write_to, std::ref(number)).join();
    mp::fork([](mp::SharedValue<int>& one, auto& two, int own) { one += two.value() + own; }, shared, shared, number).join();
    mp::fork([](std::string&& own, auto&& other) { own += other; }, std::move(text), "other").join();
    mp::fork([](std::string own, auto&& other, const auto& third) { own += other + third; }, text, text, text).join();
    mp::fork([&] { std::exit(return_number(number)); }).join();
#endif
}
