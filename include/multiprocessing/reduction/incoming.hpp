#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/memory/attached_segment.hpp>
#include <multiprocessing/memory/block.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

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

    /// What `put_bytes` put.
    [[nodiscard]] std::string_view take_bytes(std::size_t count) {
        if (count > bytes_.size()) {
            throw std::runtime_error("multiprocessing: a description of objects ends too early");
        }
        const std::string_view taken = bytes_.substr(0, count);
        bytes_.remove_prefix(count);
        return taken;
    }

    /// What `put_number` put.
    [[nodiscard]] std::uint64_t take_number() {
        std::uint64_t number = 0;
        std::memcpy(&number, take_bytes(sizeof(number)).data(), sizeof(number));
        return number;
    }

    /// How many things follow, each put by outgoing::put_part.
    [[nodiscard]] std::size_t take_count() {
        const std::uint64_t count = take_number();
        if (count > bytes_.size()) {
            throw std::runtime_error("multiprocessing: a description says that " + std::to_string(count) + " things follow, but has only " +
                                     std::to_string(bytes_.size()) + " more bytes");
        }
        return static_cast<std::size_t>(count);
    }

    /// One of them: what `take()` takes, and a byte if that is nothing.
    template <class Take>
    void take_part(Take&& take) {
        const std::size_t before = bytes_.size();
        std::forward<Take>(take)();
        if (bytes_.size() == before) {
            static_cast<void>(take_bytes(1));
        }
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

    /// How many bytes of the description have not been taken.
    [[nodiscard]] std::size_t bytes_left() const noexcept { return bytes_.size(); }

private:
    std::string_view bytes_;
    std::span<memory::attached_segment* const> segments_;
};

} // namespace multiprocessing::reduction
