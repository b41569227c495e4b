#pragma once

#include <multiprocessing/sharedctypes/detail/elements.hpp>

#include <stdexcept>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE void throw_negative_length(any_integer length) {
    throw std::invalid_argument("multiprocessing: the length of an array must not be negative, but is " + length.text());
}

MULTIPROCESSING_INLINE void throw_too_long(any_integer length, std::size_t element_bytes) {
    throw std::length_error("multiprocessing: an array of " + length.text() + " elements of " + std::to_string(element_bytes) +
                            " bytes cannot be addressed");
}

} // namespace multiprocessing::detail
