#pragma once

#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/memory/object_name.hpp>

#include <algorithm>
#include <stdexcept>

namespace multiprocessing {

MULTIPROCESSING_INLINE object_name::object_name(std::string_view name) : text_(name) {
    const auto allowed = [](char each) {
        return (each >= 'A' && each <= 'Z') || (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '.' || each == '_' ||
               each == '-';
    };
    if (text_.empty() || text_.size() > 200 || !std::all_of(text_.begin(), text_.end(), allowed)) {
        throw std::invalid_argument("multiprocessing: \"" + detail::escaped(text_) + "\" cannot be the name of a shared object: write 1 to 200 of the characters "
                                    "A-Z a-z 0-9 . _ -");
    }
}

} // namespace multiprocessing
