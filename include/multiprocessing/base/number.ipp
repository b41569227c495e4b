#pragma once

#include <multiprocessing/base/number.hpp>

#include <stdexcept>
#include <string>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE void throw_does_not_fit(any_integer number, std::size_t bytes, bool is_signed) {
    throw std::invalid_argument("multiprocessing: " + number.text() + " does not fit an integer of " + std::to_string(bytes) +
                                (is_signed ? " signed" : " unsigned") + " bytes");
}

} // namespace multiprocessing::detail
