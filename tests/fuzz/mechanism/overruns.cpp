// A parser that believes the length it reads: the fuzzer must find that, or it finds nothing.

#include "../support/parser.hpp"

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

void fuzz::parse(std::string_view bytes) {
    if (bytes.empty()) {
        return;
    }
    const auto length = static_cast<unsigned char>(bytes.front());
    const std::string copy(bytes.substr(1));
    const auto room = std::make_unique<char[]>(8);
    std::memcpy(room.get(), copy.data(), length < copy.size() ? length : copy.size());
}

std::vector<std::string> fuzz::seeds() {
    return {"\3abcdefghijklmnop"};
}
