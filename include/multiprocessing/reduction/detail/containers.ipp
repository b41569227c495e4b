#pragma once

#include <multiprocessing/reduction/detail/containers.hpp>

#include <stdexcept>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE void throw_no_such_alternative() {
    throw std::runtime_error("multiprocessing: a variant has no alternative of that number");
}

MULTIPROCESSING_INLINE void throw_text_too_long() {
    throw std::runtime_error("multiprocessing: a text is longer than the description it is in");
}

} // namespace multiprocessing::detail
