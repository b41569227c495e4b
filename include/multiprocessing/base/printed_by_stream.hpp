#pragma once
#include <multiprocessing/base/language.hpp>

/// \file
/// Which of the library's types can be written to a stream, and so be formatted as text.

namespace multiprocessing::detail {

/// Specialised beside each class that has a `<<`.
template <class T>
inline constexpr bool is_printed_by_stream = false;

/// The types that format.hpp and fmt.hpp know.
template <class T>
concept printed_by_stream = is_printed_by_stream<T>;

} // namespace multiprocessing::detail
