#pragma once

#include <multiprocessing/synchronize/detail/checked_count.hpp>

#include <stdexcept>
#include <string>

namespace multiprocessing::detail {

[[noreturn]] inline void throw_bad_count_in_words(const char* what, const std::string& count, std::uint32_t least, std::uint32_t most) {
    throw std::invalid_argument("multiprocessing: " + std::string(what) + " of " + count + ": it is from " + std::to_string(least) + " to " +
                                std::to_string(most));
}

MULTIPROCESSING_INLINE void throw_bad_count(const char* what, long long count, std::uint32_t least, std::uint32_t most) {
    throw_bad_count_in_words(what, std::to_string(count), least, most);
}
MULTIPROCESSING_INLINE void throw_bad_count(const char* what, unsigned long long count, std::uint32_t least, std::uint32_t most) {
    throw_bad_count_in_words(what, std::to_string(count), least, most);
}

} // namespace multiprocessing::detail
