#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/moved_from.hpp>
#include <multiprocessing/platform/forward.hpp>

#include <cstddef>
#include <utility>

/// \file
/// A piece of shared memory, and the handles that keep it.

namespace multiprocessing::memory {

/// Where an address is, in terms that mean the same in every process: so far behind the begin of that memory object.
struct location {
    const platform::memory_object* object; ///< Which memory.
    std::size_t offset; ///< In bytes.
};

/// Who gave a piece of memory out and takes it back: a slab of this process's heap; a mapped segment.
/// `where` is any address inside the piece. Both are safe to call from several threads at once.
class block_owner {
public:
    /// One more reference to the piece.
    virtual void retain(const std::byte* where) noexcept = 0;
    /// One less; with the last one the piece is the owner's again.
    virtual void release(const std::byte* where) noexcept = 0;
    /// Valid as long as a reference to the piece is counted.
    [[nodiscard]] virtual location locate(const std::byte* where) noexcept = 0;

protected:
    block_owner() = default;
    block_owner(const block_owner&) = delete;
    block_owner& operator=(const block_owner&) = delete;
    ~block_owner() = default; // never deleted through this
};

/// A counted reference to a piece of shared memory, at an address in it. Copies refer to the same piece, which goes back to its owner
/// with the last of them *in this process*; that other processes may still use it is the heap's concern (see reuse_deferral).
/// Empty after it was moved from.
class block {
public:
    block() noexcept = default;

    /// Takes over a reference that the owner has counted already.
    block(block_owner& owner, std::byte* address) noexcept : owner_(&owner), address_(address) {}

    /// Counts one more reference.
    block(const block& other) noexcept : owner_(other.owner_), address_(other.address_) {
        if (owner_ != nullptr) {
            owner_->retain(address_);
        }
    }
    /// Takes over the other one's.
    block(block&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), address_(std::exchange(other.address_, nullptr)) {}

    /// Gives back its own.
    block& operator=(block other) noexcept {
        std::swap(owner_, other.owner_);
        std::swap(address_, other.address_);
        return *this;
    }

    ~block() {
        if (owner_ != nullptr) {
            owner_->release(address_);
        }
    }

    /// Where it is in this process; null when it is empty.
    [[nodiscard]] std::byte* address() const noexcept { return address_; }

    /// The same for a handle of the user's, who may have moved from it: throws `std::logic_error` then.
    [[nodiscard]] std::byte* address_in_use() const {
        if (address_ == nullptr) [[unlikely]] {
            detail::throw_moved_from();
        }
        return address_;
    }

    /// How another process is told of it. Throws as address_in_use().
    [[nodiscard]] location locate() const {
        const std::byte* const place = address_in_use();
        return owner_->locate(place);
    }

    /// One more reference to the same piece, at another address inside it.
    [[nodiscard]] block at(std::size_t offset) const noexcept {
        block other(*this);
        other.address_ += offset;
        return other;
    }

private:
    block_owner* owner_ = nullptr;
    std::byte* address_ = nullptr;
};

} // namespace multiprocessing::memory
