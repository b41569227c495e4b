#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/robust/redo_log.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <cstddef>
#include <memory>
#include <utility>

/// \file
/// The redo log of an object that was not made with a lock of its own.

namespace multiprocessing::detail {

/// A block with the mark and the shadow, beside an object that lies elsewhere; as long as it is there, the object is in the table of those that
/// its lock guards. Shared by all handles of the object in this process.
class external_log {
public:
    external_log(const external_log&) = delete;
    external_log& operator=(const external_log&) = delete;

    /// The size of the block for an object of `bytes`.
    [[nodiscard]] static std::size_t bytes_for(std::size_t bytes, std::size_t alignment) noexcept {
        return offset(alignment) + bytes;
    }

    /// Where in it the shadow is; the block is aligned to that, too.
    [[nodiscard]] static std::size_t offset(std::size_t alignment) noexcept { return alignment > 64 ? alignment : 64; }

    [[nodiscard]] const robust::redo_log& log() const noexcept { return log_; }
    [[nodiscard]] const memory::block& block() const noexcept { return block_; }

protected:
    external_log(memory::block block, const robust::redo_log& log) noexcept : block_(std::move(block)), log_(log) {}
    ~external_log() = default;

private:
    memory::block block_;
    robust::redo_log log_;
};

/// None for an object whose log lies in its lock's own block, and for what fits a word and needs no log.
using external_log_ptr = std::shared_ptr<const external_log>;

/// A new log for an object that has none.
[[nodiscard]] external_log_ptr make_external_log(const RLock& lock, std::byte* object, std::size_t bytes, std::size_t alignment,
                                                 bool is_array);

/// The log that another process made, for the handle of this one.
[[nodiscard]] external_log_ptr make_external_log(const RLock& lock, std::byte* object, std::size_t bytes, std::size_t alignment,
                                                 bool is_array, memory::block block);

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/sharedctypes/detail/external_log.ipp>
#endif
