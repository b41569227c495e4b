#pragma once

#include <multiprocessing/memory/attached_segment.hpp>
#include <multiprocessing/memory/block.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string_view>

/// \file
/// What was told by another process about objects.

namespace multiprocessing::reduction {

/// Reads what an `outgoing` wrote, in the same order. Everything is checked against the bounds of what was handed over; what does not fit throws
/// `std::runtime_error`.
class incoming {
public:
    /// The segments are the mapped memory objects of the outgoing side, in its order.
    incoming(std::string_view bytes, std::span<memory::attached_segment* const> segments) noexcept
        : bytes_(bytes), segments_(segments) {}

    [[nodiscard]] std::string_view take_bytes(std::size_t count) {
        if (count > bytes_.size()) {
            throw std::runtime_error("multiprocessing: a description of objects ends too early");
        }
        const std::string_view taken = bytes_.substr(0, count);
        bytes_.remove_prefix(count);
        return taken;
    }

    [[nodiscard]] std::uint64_t take_number() {
        std::uint64_t number = 0;
        std::memcpy(&number, take_bytes(sizeof(number)).data(), sizeof(number));
        return number;
    }

    /// A block of which at least `bytes` bytes, aligned to `alignment` (a power of two), are there.
    [[nodiscard]] memory::block take_block(std::size_t bytes = 1, std::size_t alignment = 1) {
        const std::uint64_t segment = take_number();
        const std::uint64_t offset = take_number();
        if (segment >= segments_.size() || offset >= segments_[segment]->size() ||
            bytes > segments_[segment]->size() - offset || (offset & (alignment - 1)) != 0) {
            throw std::runtime_error("multiprocessing: a description of objects leads outside of the memory that came with it");
        }
        return segments_[segment]->at(offset);
    }

    [[nodiscard]] std::size_t bytes_left() const noexcept { return bytes_.size(); }

private:
    std::string_view bytes_;
    std::span<memory::attached_segment* const> segments_;
};

} // namespace multiprocessing::reduction
