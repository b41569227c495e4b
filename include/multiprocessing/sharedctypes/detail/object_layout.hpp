#pragma once

#include <multiprocessing/memory/named_kind.hpp>
#include <multiprocessing/memory/named_content.hpp>
#include <multiprocessing/robust/mutex_state.hpp>
#include <multiprocessing/robust/redo_log.hpp>
#include <multiprocessing/base/word.hpp>

#include <cstddef>

/// \file
/// Where the elements of a value or an array lie in its block, and how large that is.

namespace multiprocessing::detail {

/// For a kind, and the size and alignment of an element; known when compiling to C++, and from a name's header to other languages.
struct object_layout {
    std::size_t offset;        // of the first element. What is in front of it is the lock and, for an array, its redo range
    std::size_t element_bytes;
    std::size_t copies;        // 2: behind the elements is their shadow, of the redo log

    [[nodiscard]] static constexpr object_layout of(named_kind kind, std::size_t element_bytes, std::size_t alignment) noexcept {
        switch (kind) {
        case named_kind::shared_value:
            return {alignment > sizeof(robust::mutex_state) ? alignment : sizeof(robust::mutex_state), element_bytes, fits_a_word(element_bytes) ? std::size_t{1} : std::size_t{2}};
        case named_kind::shared_array:
            return {alignment > 64 ? alignment : 64, element_bytes, 2};
        default:
            return {0, element_bytes, 1};
        }
    }

    /// The bytes of the block. Not nothing behind the lock, even for no elements: the handle's address must be inside the block.
    [[nodiscard]] constexpr memory::object_bytes bytes() const noexcept { return {offset, copies * element_bytes, 1}; }
    [[nodiscard]] constexpr std::size_t operator()(std::size_t count) const noexcept { return bytes()(count); }
};
static_assert(sizeof(robust::mutex_state) + sizeof(robust::redo_range) <= 64);

} // namespace multiprocessing::detail
