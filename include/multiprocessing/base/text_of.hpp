#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/printed_by_stream.hpp>

#include <sstream>
#include <string>
#include <utility>

/// \file
/// An object as text.

namespace multiprocessing::detail {

/// What `<<` writes.
template <printed_by_stream T>
[[nodiscard]] std::string text_of(const T& object) {
    std::ostringstream out;
    out << object;
    return std::move(out).str();
}

} // namespace multiprocessing::detail
