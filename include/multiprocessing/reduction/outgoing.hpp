#pragma once

#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/platform/memory_object.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// \file
/// What is told to another process about objects.

namespace multiprocessing::reduction {

/// A description under way: bytes, and the memory objects that the other process must be handed to make sense of them. It keeps the
/// blocks it describes until it is destroyed.
class outgoing {
public:
    void put_bytes(const void* first, std::size_t count) { bytes_.append(static_cast<const char*>(first), count); }
    void put_number(std::uint64_t number) { put_bytes(&number, sizeof(number)); }

    /// Where a block is: which memory object, how far behind its begin.
    void put_block(const memory::block& block) {
        const memory::location where = block.locate();
        const auto known = std::ranges::find(objects_, where.object);
        put_number(static_cast<std::uint64_t>(known - objects_.begin()));
        put_number(where.offset);
        if (known == objects_.end()) {
            objects_.push_back(where.object);
        }
        kept_.push_back(block);
    }

    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

    /// Replaces the bytes put so far, for one who must put something in front of what is put next.
    [[nodiscard]] std::string exchange_bytes(std::string bytes) noexcept { return std::exchange(bytes_, std::move(bytes)); }

    [[nodiscard]] std::span<const platform::memory_object* const> objects() const noexcept { return objects_; }

private:
    std::string bytes_;
    std::vector<const platform::memory_object*> objects_;
    std::vector<memory::block> kept_;
};

} // namespace multiprocessing::reduction
