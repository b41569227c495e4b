#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/memory/detail/segment_table.hpp>
#include <multiprocessing/platform/access.hpp>
#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/platform/memory_identity.hpp>
#include <multiprocessing/platform/memory_object.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

/// \file
/// Shared memory that another process made and handed over to this one.

namespace multiprocessing::memory {

/// A memory object that another process handed over, mapped whole: of its heap, or a named object's. It stays mapped as long as the process
/// lives, so its blocks are counted by nobody here: when they may be used again is for the process that owns them to know, by the lease this
/// one holds. A named object is where this process has it already, if it has (detail/segment_table.hpp). The handle is kept in any case: it may
/// be one that holds the name (platform/named_memory.hpp), and is handed on as it came.
class attached_segment final : public detail::listed_segment {
public:
    /// Throws `std::system_error` when there is no room in the address space.
    explicit attached_segment(platform::memory_object object) : object_(std::move(object)) {
        if (const auto identity = platform::memory_identity::of(object_.handle())) {
            key_.emplace(detail::segment_key{*identity, platform::access::read_write});
            known_ = detail::segment_table::find(*key_);
        }
        if (known_ == nullptr) {
            mapping_.emplace(object_);
            data_ = mapping_->data();
            size_ = mapping_->size();
            if (key_) {
                if (auto& kept = detail::segment_table::find_or_add(*key_, *this); &kept != this) {
                    known_ = &kept;
                }
            }
        }
        if (known_ != nullptr) {
            mapping_.reset();
            data_ = known_->data();
            size_ = (std::min)(object_.size(), known_->size());
        }
    }
    ~attached_segment() {
        if (known_ != nullptr) {
            known_->release(data_);
        } else if (key_) {
            detail::segment_table::remove(*key_, *this);
        }
    }

    /// The block at `offset`, which must be less than `size()`.
    [[nodiscard]] block at(std::size_t offset) noexcept { return block(*this, data_ + offset); }

    using listed_segment::size;

    void retain(const std::byte*) noexcept override {} ///< Counts nothing.
    void release(const std::byte*) noexcept override {} ///< Counts nothing.
    [[nodiscard]] bool try_retain() noexcept override { return true; } ///< Counts nothing.
    /// The offset is from the begin of the memory.
    [[nodiscard]] location locate(const std::byte* where) noexcept override {
        return {&object_, static_cast<std::size_t>(where - data_)};
    }

private:
    platform::memory_object object_;
    std::optional<detail::segment_key> key_;
    detail::listed_segment* known_ = nullptr; // whose mapping it is, if not its own
    std::optional<platform::mapping> mapping_;
};

} // namespace multiprocessing::memory
