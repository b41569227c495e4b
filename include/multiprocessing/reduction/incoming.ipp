#pragma once

#include <multiprocessing/memory/attached_segment.hpp>
#include <multiprocessing/reduction/incoming.hpp>

#include <stdexcept>
#include <string>

namespace multiprocessing::reduction {

MULTIPROCESSING_INLINE memory::block incoming::take_block(std::size_t bytes, std::size_t alignment) {
    const std::uint64_t segment = take_number();
    const std::uint64_t offset = take_number();
    if (segment >= segments_.size() || offset >= segments_[segment]->size() || bytes > segments_[segment]->size() - offset ||
        (offset & (alignment - 1)) != 0) {
        throw std::runtime_error("multiprocessing: a description of objects leads outside of the memory that came with it");
    }
    return segments_[segment]->at(offset);
}

MULTIPROCESSING_INLINE void incoming::throw_ends_too_early() {
    throw std::runtime_error("multiprocessing: a description of objects ends too early");
}

MULTIPROCESSING_INLINE void incoming::throw_too_many(std::uint64_t count) const {
    throw std::runtime_error("multiprocessing: a description says that " + std::to_string(count) + " things follow, but has only " +
                             std::to_string(bytes_.size()) + " more bytes");
}

} // namespace multiprocessing::reduction
