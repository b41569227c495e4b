#pragma once

#include <multiprocessing/memory/detail/element_format.hpp>
#include <multiprocessing/memory/named_segment.hpp>

#include <cstddef>
#include <cstdint>

/// \file
/// Values and arrays of T as the content of named memory.

namespace multiprocessing::detail {

template <class T>
[[nodiscard]] memory::named_content content_of(named_kind kind, std::uint64_t count, std::size_t value_offset,
                                               std::size_t (*bytes_for)(std::size_t)) {
    return {kind, element_format<T>(), sizeof(T), alignof(T), count, value_offset, bytes_for};
}

} // namespace multiprocessing::detail
