#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/platform/memory_object.hpp>

#include <cstddef>
#include <utility>

/// \file
/// Shared memory that another process made and handed over to this one.

namespace multiprocessing::memory {

/// A memory object of another process's heap, mapped whole. It stays mapped as long as the process lives, so its blocks are counted by
/// nobody here: when they may be used again is for the process that owns them to know, by the lease this one holds.
class attached_segment final : public block_owner {
public:
    /// Throws `std::system_error` when there is no room in the address space.
    explicit attached_segment(platform::memory_object object) : object_(std::move(object)), mapping_(object_) {}

    /// The block at `offset`, which must be less than `size()`.
    [[nodiscard]] block at(std::size_t offset) noexcept { return block(*this, mapping_.data() + offset); }

    [[nodiscard]] std::size_t size() const noexcept { return mapping_.size(); } ///< In bytes.

    void retain(const std::byte*) noexcept override {} ///< Counts nothing.
    void release(const std::byte*) noexcept override {} ///< Counts nothing.
    [[nodiscard]] location locate(const std::byte* where) noexcept override {
        return {&object_, static_cast<std::size_t>(where - mapping_.data())};
    }

private:
    platform::memory_object object_;
    platform::mapping mapping_;
};

} // namespace multiprocessing::memory
