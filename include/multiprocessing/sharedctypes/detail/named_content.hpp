#pragma once

#include <multiprocessing/memory/element_format.hpp>
#include <multiprocessing/memory/named_header.hpp>
#include <multiprocessing/memory/named_content.hpp>
#include <multiprocessing/sharedctypes/detail/object_layout.hpp>

#include <cstdint>
#include <optional>

/// \file
/// Values and arrays of T as the content of named memory.

namespace multiprocessing::detail {

template <class T>
[[nodiscard]] memory::named_content content_of(named_kind kind, std::optional<std::uint64_t> count) {
    static_assert(alignof(T) <= sizeof(named_header),
                  "multiprocessing: T is aligned to more than 256 bytes, and an object with a name begins 256 bytes behind a page, after its header. "
                  "Align T to 256 bytes or less, or give the object no name.");
    const object_layout layout = object_layout::of(kind, sizeof(T), alignof(T));
    return {kind, element_format<T>(), sizeof(T), alignof(T), count, layout.offset, layout.bytes()};
}

} // namespace multiprocessing::detail
