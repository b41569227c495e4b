#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/platform/memory_object.hpp>

#include <cstddef>
#include <cstring>
#include <utility>

/// \file
/// A large region of shared memory that a heap cuts its blocks from.

namespace multiprocessing::memory {

/// Anonymous shared memory, mapped: zero-filled, and taken from the system only page by page, when touched.
class arena {
public:
    /// `bytes` must be a multiple of the page size. Throws `std::system_error` when it cannot be had.
    explicit arena(std::size_t bytes) : arena(platform::memory_object::create(bytes)) {}

    /// Memory that is there already.
    explicit arena(platform::memory_object object) : object_(std::move(object)), mapping_(object_) {}

    /// The first byte, at the begin of a page.
    [[nodiscard]] std::byte* data() const noexcept { return mapping_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return mapping_.size(); } ///< In bytes.

    /// Gives whole pages back to the system, unless they are reserved; they read as zeros afterwards.
    void discard(std::byte* first, std::size_t bytes) noexcept {
        if (object_.is_reserved()) {
            std::memset(first, 0, bytes);
        } else {
            mapping_.discard(first, bytes);
        }
    }

    /// What another process needs to map the same memory.
    [[nodiscard]] const platform::memory_object& object() const noexcept { return object_; }

private:
    platform::memory_object object_;
    platform::mapping mapping_;
};

} // namespace multiprocessing::memory
