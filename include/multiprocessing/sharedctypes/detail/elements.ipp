#pragma once

#include <multiprocessing/sharedctypes/detail/elements.hpp>

#include <stdexcept>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE void throw_negative_length(std::int64_t length) {
    throw std::invalid_argument("multiprocessing: the length of an array must not be negative, but is " + std::to_string(length));
}

MULTIPROCESSING_INLINE void throw_too_long(std::uint64_t length, std::size_t element_bytes) {
    throw std::length_error("multiprocessing: an array of " + std::to_string(length) + " elements of " + std::to_string(element_bytes) +
                            " bytes cannot be addressed");
}

} // namespace multiprocessing::detail
