#pragma once

#include <multiprocessing/synchronize/detail/redo_log.hpp>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE bool redo_log::has_layout(const guard_header& header, std::size_t offset, bool is_array) noexcept {
    guard_header expected{};
    if (offset != 0) {
        set_layout(expected, offset, is_array);
    }
    return header.layout == expected.layout;
}

MULTIPROCESSING_INLINE bool redo_log::is_clear(const guard_header& header, std::size_t offset, bool is_array) noexcept {
    return has_layout(header, offset, is_array) && header.redo.load(std::memory_order_acquire) == 0;
}

MULTIPROCESSING_INLINE bool redo_log::is_sane(const guard_header& header, std::size_t offset, bool is_array, std::size_t bytes) noexcept {
    const std::uint32_t mark = header.redo.load(std::memory_order_acquire);
    return has_layout(header, offset, is_array) &&
           (mark == 0 || (is_array ? is_inside(*reinterpret_cast<const redo_range*>(&header + 1), bytes) : mark == bytes));
}

MULTIPROCESSING_INLINE void redo_log::complete_in_block(guard_header& header) noexcept {
    const std::uint32_t mark = header.redo.load(std::memory_order_acquire);
    if (mark == 0 || header.layout == 0) {
        return;
    }
    redo_log log = in_block(header, mark);
    if ((header.layout & array_bit) != 0) {
        log.shadow_ = log.object_ + log.range().shadow_distance;
    }
    log.complete();
}

MULTIPROCESSING_INLINE void redo_log::complete() const noexcept {
    const std::uint32_t mark = header_->redo.load(std::memory_order_acquire);
    if (mark == 0) {
        return;
    }
    if ((header_->layout & array_bit) != 0) {
        copy_range();
    } else {
        std::memcpy(object_, shadow_, mark);
    }
    clear_mark();
}

// Without any sum or product that could overflow.
MULTIPROCESSING_INLINE bool redo_log::is_inside(const redo_range& what, std::size_t bytes) noexcept {
    if (what.count == 0 || what.piece_bytes == 0 || what.piece_bytes > bytes || what.first > bytes - what.piece_bytes ||
        what.shadow_distance != bytes || what.stride == 0) {
        return false;
    }
    const std::uint64_t room = what.stride > 0 ? bytes - what.piece_bytes - what.first : what.first;
    const std::uint64_t step = what.stride > 0 ? static_cast<std::uint64_t>(what.stride) : 0 - static_cast<std::uint64_t>(what.stride);
    return what.count - 1 <= room / step;
}

} // namespace multiprocessing::detail
