#pragma once

#include <multiprocessing/memory/heap.hpp>
#include <multiprocessing/synchronize/detail/guarded_elsewhere.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>

/// \file
/// The redo log of an object that was not made with a lock of its own.

namespace multiprocessing::detail {

/// A block with the mark and the shadow, beside an object that lies elsewhere, and the object's entry in the table of those its
/// lock guards. Shared by all handles of the object in this process.
class external_log {
public:
    external_log(const RLock& lock, std::byte* object, std::size_t bytes, std::size_t alignment, bool is_array)
        : offset_(std::max<std::size_t>(64, alignment)),
          block_(memory::heap::current().allocate(offset_ + bytes, offset_)), lock_(lock),
          entry_(lock_access::header(lock), make_log(object, is_array)) {}

    [[nodiscard]] const redo_log& log() const noexcept { return entry_.log(); }

private:
    redo_log make_log(std::byte* object, bool is_array) const noexcept {
        auto& header = *reinterpret_cast<guard_header*>(block_.address());
        redo_log::set_layout(header, 1, is_array);
        return {header, object, block_.address() + offset_};
    }

    std::size_t offset_;
    memory::block block_;
    RLock lock_; // the table refers to it
    guarded_elsewhere::entry entry_;
};

/// None for an object whose log lies in its lock's own block, and for what fits a word and needs no log.
using external_log_ptr = std::shared_ptr<const external_log>;

} // namespace multiprocessing::detail
