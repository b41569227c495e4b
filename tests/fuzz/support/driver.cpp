// libFuzzer's side of every fuzz program. Seeds are made by the program itself, so none is out of date.

#include "parser.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Writes the seeds into the corpus, which is the first folder that the program is given.
extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
    for (int i = 1; i < *count; ++i) {
        const std::filesystem::path corpus = (*arguments)[i];
        if (!std::filesystem::is_directory(corpus)) {
            continue;
        }
        int number = 0;
        for (const std::string& seed : fuzz::seeds()) {
            std::ofstream(corpus / ("seed_" + std::to_string(number++)), std::ios::binary) << seed;
        }
        return 0;
    }
    throw std::invalid_argument("a fuzz program is to be given a folder for its corpus");
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        fuzz::parse({reinterpret_cast<const char*>(data), size});
    } catch (const std::exception&) { // refused
    }
    return 0;
}
