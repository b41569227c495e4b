#pragma once

#include <multiprocessing/base/any_integer.hpp>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE std::string any_integer::text() const {
    return is_signed_ ? std::to_string(static_cast<std::int64_t>(bits_)) : std::to_string(bits_);
}

} // namespace multiprocessing::detail
