#pragma once

#include <multiprocessing/sharedctypes/detail/text.hpp>

#include <stdexcept>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE void require_fits(std::size_t given, std::size_t size) {
    if (given > size) {
        throw std::length_error("multiprocessing: a text of " + std::to_string(given) + " characters does not fit an array of " +
                                std::to_string(size));
    }
}

} // namespace multiprocessing::detail
