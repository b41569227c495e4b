#pragma once

#include <multiprocessing/robust/redo_log.hpp>

#include <limits>

namespace multiprocessing::robust {

MULTIPROCESSING_INLINE bool redo_log::has_layout(const mutex_state& header, std::size_t offset, bool is_array) noexcept {
    mutex_state expected{};
    if (offset != 0) {
        set_layout(expected, offset, is_array);
    }
    return header.layout == expected.layout;
}

MULTIPROCESSING_INLINE bool redo_log::is_clear(const mutex_state& header, std::size_t offset, bool is_array) noexcept {
    return has_layout(header, offset, is_array) && header.redo.load(std::memory_order_acquire) == 0;
}

MULTIPROCESSING_INLINE redo_log::note redo_log::read_note(const mutex_state& header, bool has_range) noexcept {
    note what{header.redo.load(std::memory_order_acquire), header.layout, {}};
    if (has_range) {
        std::memcpy(&what.range, &header + 1, sizeof(what.range));
    }
    std::atomic_signal_fence(std::memory_order_seq_cst); // the compiler is not to read anything once more when it is used
    return what;
}

MULTIPROCESSING_INLINE bool redo_log::is_sane(const mutex_state& header, std::size_t offset, bool is_array, std::size_t bytes) noexcept {
    const note what = read_note(header, is_array); // an array has one
    const bool sane = has_layout(header, offset, is_array) && (what.mark == 0 || (fits(what, is_array, bytes) && (!is_array || what.range.shadow_distance == bytes)));
    // What was read, was read before whatever the caller looks at next: whether it is still so.
    std::atomic_thread_fence(std::memory_order_acquire);
    return sane;
}

MULTIPROCESSING_INLINE bool redo_log::complete_in_block(mutex_state& header, std::size_t mapped) noexcept {
    constexpr std::size_t front = sizeof(mutex_state) + sizeof(redo_range);
    const note what = read_note(header, mapped >= front);
    if (what.mark == 0 || what.layout == 0) {
        return true;
    }
    const bool is_array = (what.layout & array_bit) != 0;
    const int shift = what.layout & ~array_bit;
    const std::size_t offset = shift < std::numeric_limits<std::size_t>::digits ? std::size_t{1} << shift : 0;
    // The note says itself how large the object is, as the lock does not know. That it is as large as it says, is not asked: the shadow is behind it,
    // and behind that the mapping goes on.
    const std::uint64_t bytes = is_array ? what.range.shadow_distance : what.mark;
    if (offset < (is_array ? front : sizeof(mutex_state)) || offset > mapped || bytes > (mapped - offset) / 2 || !fits(what, is_array, bytes)) {
        clear_mark(header);
        return false;
    }
    in_block(header, offset, bytes).complete(what, is_array);
    return true;
}

[[gnu::noinline]] MULTIPROCESSING_INLINE bool redo_log::complete_marked(bool is_array, std::size_t bytes) const noexcept {
    const note what = read_note(*header_, true); // its block is large enough for one
    const bool sane = fits(what, is_array, bytes);
    if (sane) {
        complete(what, is_array);
    } else {
        clear_mark();
    }
    return sane;
}

MULTIPROCESSING_INLINE void redo_log::complete(const note& what, bool is_array) const noexcept {
    if (is_array) {
        copy_range(what.range);
    } else {
        std::memcpy(object_, shadow_, what.mark);
    }
    clear_mark();
}

MULTIPROCESSING_INLINE bool redo_log::fits(const note& what, bool is_array, std::size_t bytes) noexcept {
    return is_array ? what.mark == 1 && is_inside(what.range, bytes) : what.mark == bytes;
}

// Without any sum or product that could overflow. The stride of a single piece is not looked at, here and there.
MULTIPROCESSING_INLINE bool redo_log::is_inside(const redo_range& what, std::size_t bytes) noexcept {
    if (what.count == 0 || what.piece_bytes == 0 || what.piece_bytes > bytes || what.first > bytes - what.piece_bytes) {
        return false;
    }
    const std::uint64_t room = what.stride > 0 ? bytes - what.piece_bytes - what.first : what.first;
    const std::uint64_t step = what.stride > 0 ? static_cast<std::uint64_t>(what.stride) : 0 - static_cast<std::uint64_t>(what.stride);
    return what.count == 1 || (step != 0 && what.count - 1 <= room / step);
}

} // namespace multiprocessing::robust
