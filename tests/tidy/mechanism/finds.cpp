#include <string>
#include <utility>

// What the compilers let through and clang-tidy is to find.
std::size_t length_of(std::string text);

std::size_t length_of(std::string text) {
    const std::string taken = std::move(text);
    return taken.size() + text.size();
}
