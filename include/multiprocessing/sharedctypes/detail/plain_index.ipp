#pragma once

#include <multiprocessing/sharedctypes/detail/plain_index.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE void abort_out_of_range(const char* array, std::size_t index, std::size_t size) noexcept {
    const std::string name = array;
    const bool is_negative = index > static_cast<std::size_t>(-1) / 2;
    std::string text = "multiprocessing: " + name + "::operator[]: index " + (is_negative ? "-" + std::to_string(std::size_t{0} - index) : std::to_string(index)) +
                       " is out of range of an array of " + std::to_string(size);
    if (is_negative) {
        text += ". It counts from the front alone: write at(-1) of a RawArray for the last element";
    } else if (size == 1) {
        text += ". Braces list elements: " + name + "<T>{1000} has one; write " + name + "<T>(1000) or {mp::length(1000)} for a thousand";
    }
    static_cast<void>(std::fputs((text + "\n").c_str(), stderr));
    std::abort();
}

} // namespace multiprocessing::detail
