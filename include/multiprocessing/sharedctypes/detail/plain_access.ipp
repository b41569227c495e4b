#pragma once

#include <multiprocessing/sharedctypes/detail/plain_access.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace multiprocessing::detail {

[[noreturn]] MULTIPROCESSING_INLINE void abort_saying(const std::string& text) noexcept {
    static_cast<void>(std::fputs((text + '\n').c_str(), stderr));
    std::abort();
}

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
    abort_saying(text);
}

MULTIPROCESSING_INLINE void abort_moved_from(const char* handle) noexcept {
    abort_saying("multiprocessing: " + std::string(handle) + ": the handle was moved from: use the one that it was moved to");
}

} // namespace multiprocessing::detail
