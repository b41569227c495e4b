#pragma once

#include <multiprocessing/memory/allocate.hpp>
#include <multiprocessing/synchronize/detail/guarded_elsewhere.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

/// \file
/// The redo log of an object that was not made with a lock of its own.

namespace multiprocessing::detail {

/// A block with the mark and the shadow, beside an object that lies elsewhere, and the object's entry in the table of those its
/// lock guards. Shared by all handles of the object in this process.
class external_log {
public:
    /// A new log for an object that has none.
    external_log(const RLock& lock, std::byte* object, std::size_t bytes, std::size_t alignment, bool is_array)
        : external_log(lock, object, alignment, memory::allocate(bytes_for(bytes, alignment), offset(alignment))) {
        redo_log::set_layout(log().header(), 1, is_array);
    }

    /// The log that another process made, for the handle of this one.
    external_log(const RLock& lock, std::byte* object, std::size_t alignment, memory::block block)
        : block_(std::move(block)), lock_(lock),
          entry_(lock_access::header(lock), {*reinterpret_cast<guard_header*>(block_.address()), object,
                                             block_.address() + offset(alignment)}) {}

    /// The size of the block for an object of `bytes`.
    [[nodiscard]] static std::size_t bytes_for(std::size_t bytes, std::size_t alignment) noexcept {
        return offset(alignment) + bytes;
    }

    /// Where in it the shadow is; the block is aligned to that, too.
    [[nodiscard]] static std::size_t offset(std::size_t alignment) noexcept { return std::max<std::size_t>(64, alignment); }

    [[nodiscard]] const redo_log& log() const noexcept { return entry_.log(); }
    [[nodiscard]] const memory::block& block() const noexcept { return block_; }

private:
    memory::block block_;
    RLock lock_; // the table refers to it
    guarded_elsewhere::entry entry_;
};

/// None for an object whose log lies in its lock's own block, and for what fits a word and needs no log.
using external_log_ptr = std::shared_ptr<const external_log>;

} // namespace multiprocessing::detail
