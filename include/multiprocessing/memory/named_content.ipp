#pragma once

#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/memory/named_content.hpp>

namespace multiprocessing::memory {

MULTIPROCESSING_INLINE std::string named_content::title() const {
    return std::string(multiprocessing::detail::name_of(kind)) + " of " + (count ? std::to_string(*count) : "any number") + " x " + multiprocessing::detail::escaped(format);
}

} // namespace multiprocessing::memory
