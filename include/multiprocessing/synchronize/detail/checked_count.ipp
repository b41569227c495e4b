#pragma once

#include <multiprocessing/synchronize/detail/checked_count.hpp>

#include <stdexcept>
#include <string>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE void throw_bad_count(const char* what, any_integer count, std::uint32_t least, std::uint32_t most) {
    throw std::invalid_argument("multiprocessing: " + std::string(what) + " of " + count.text() + ": it is from " + std::to_string(least) +
                                " to " + std::to_string(most));
}

} // namespace multiprocessing::detail
