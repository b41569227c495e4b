#pragma once

#include <multiprocessing/sharedctypes/detail/word.hpp>

#include <stdexcept>
#include <string>

namespace multiprocessing::detail {

[[noreturn]] MULTIPROCESSING_INLINE void throw_does_not_fit(const std::string& number, std::size_t bytes, bool is_signed) {
    throw std::invalid_argument("multiprocessing: " + number + " does not fit an integer of " + std::to_string(bytes) +
                                (is_signed ? " signed" : " unsigned") + " bytes");
}

MULTIPROCESSING_INLINE void throw_does_not_fit(std::int64_t number, std::size_t bytes, bool is_signed) {
    throw_does_not_fit(std::to_string(number), bytes, is_signed);
}

MULTIPROCESSING_INLINE void throw_does_not_fit(std::uint64_t number, std::size_t bytes, bool is_signed) {
    throw_does_not_fit(std::to_string(number), bytes, is_signed);
}

} // namespace multiprocessing::detail
