#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/platform/forward.hpp>

#include <cstddef>
#include <cstdint>
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
    /// So many bytes, as they are.
    void put_bytes(const void* first, std::size_t count) { bytes_.append(static_cast<const char*>(first), count); }
    /// In the byte order of this machine, which both sides are on.
    void put_number(std::uint64_t number) { put_bytes(&number, sizeof(number)); }

    /// One of a number of things: what `put()` puts, and a byte if that is nothing. So a number of them that is larger than the
    /// description has bytes cannot be true (incoming::take_count).
    template <class Put>
    void put_part(Put&& put) {
        const std::size_t before = bytes_.size();
        std::forward<Put>(put)();
        if (bytes_.size() == before) {
            bytes_.push_back('\0');
        }
    }

    /// Where a block is: which memory object, how far behind its begin.
    void put_block(const memory::block& block);

    /// The description so far.
    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

    /// The memory objects that belong to it, each once.
    [[nodiscard]] std::span<const platform::memory_object* const> objects() const noexcept { return objects_; }

private:
    std::string bytes_;
    std::vector<const platform::memory_object*> objects_;
    std::vector<memory::block> kept_;
};

} // namespace multiprocessing::reduction

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/reduction/outgoing.ipp>
#endif
