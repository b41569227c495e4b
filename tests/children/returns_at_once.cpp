// A main that returns right after spawn; the child appends a letter to the file it is given, through an object nobody else holds.
#include <multiprocessing/multiprocessing.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace mp = multiprocessing;

namespace {

void work(const mp::SharedArray<char>& letters, const mp::SharedValue<int>& value, const std::string& path) {
    value += 1;
    std::FILE* const file = std::fopen(path.c_str(), "a");
    if (value.value() != 42 || file == nullptr || letters.value() != "x") {
        std::exit(9);
    }
    std::fputs(letters.value().c_str(), file);
    std::fclose(file);
}

} // namespace

int main(int argc, char** argv) {
    mp::run_if_spawned();
    const std::string path = argv[1];
    // Neither joins at its end: `_Exit` is the end of a process that has no time left.
    const bool by_exit = argc > 2;
    const mp::SharedArray<char> letters("x");
    const mp::SharedValue<int> value(41);
    auto process = mp::spawn<&work>(letters, value, path);
    if (by_exit) {
        std::_Exit(0);
    }
    return 0;
}
