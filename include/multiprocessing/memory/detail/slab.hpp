#pragma once

#include <multiprocessing/memory/block.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

/// \file
/// A run of pages, cut into blocks of one size.

namespace multiprocessing::memory::detail {

class slab;

/// Who made a slab: it is told that the last reference to a block is gone, and knows the arena.
class slab_keeper {
public:
    virtual void on_last_release(slab& home, std::uint32_t index) noexcept = 0;
    [[nodiscard]] virtual location locate_in_arena(const std::byte* where) noexcept = 0;

protected:
    ~slab_keeper() = default;
};

/// The blocks of one run, and four private bytes and a bit for each: its count of references while it is in use, the index of the next
/// free block while it is not, and whether it is young: taken since the last fork, so that no child can know it. A large
/// block is a slab of one.
///
/// `take` and `put` are guarded by the heap's mutex; counting references is atomic and needs none.
class slab final : public block_owner {
public:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    /// The run is at least `offset + capacity * block_bytes` long; `offset` leads to the first block.
    slab(slab_keeper& keeper, std::byte* run, std::size_t run_bytes, std::size_t offset, std::size_t block_bytes,
         std::uint32_t capacity)
        : keeper_(keeper), run_(run), run_bytes_(run_bytes), first_(run + offset), block_bytes_(block_bytes),
          capacity_(capacity), entries_(std::make_unique<std::atomic<std::uint32_t>[]>(capacity)),
          young_(std::make_unique<std::uint64_t[]>(words_of_bits(capacity))) {}

    [[nodiscard]] bool full() const noexcept { return in_use_ == capacity_; }
    [[nodiscard]] bool empty() const noexcept { return in_use_ == 0; }
    [[nodiscard]] std::uint32_t in_use() const noexcept { return in_use_; }
    [[nodiscard]] bool holds_one_block() const noexcept { return capacity_ == 1; }
    [[nodiscard]] std::byte* run() const noexcept { return run_; }
    [[nodiscard]] std::size_t run_bytes() const noexcept { return run_bytes_; }
    [[nodiscard]] std::size_t block_bytes() const noexcept { return block_bytes_; }

    struct taken {
        std::byte* address;
        bool used_before; // otherwise it still reads as zeros
    };

    /// A block with one reference, young as long as `forks` is the number of forks so far; the slab must not be full. What was freed
    /// last is used first: it is still in the cache.
    [[nodiscard]] taken take(std::uint64_t forks) noexcept {
        ++in_use_;
        const bool used_before = free_ != none;
        std::uint32_t index = untouched_;
        if (used_before) {
            index = free_;
            free_ = entries_[index].load(std::memory_order_relaxed);
        } else {
            ++untouched_;
        }
        entries_[index].store(1, std::memory_order_relaxed);
        if (young_at_ != forks) {
            std::fill_n(young_.get(), words_of_bits(capacity_), 0);
            young_at_ = forks;
        }
        young_[index / 64] |= std::uint64_t{1} << index % 64;
        return {first_ + index * block_bytes_, used_before};
    }

    [[nodiscard]] bool is_young(std::uint32_t index, std::uint64_t forks) const noexcept {
        return young_at_ == forks && (young_[index / 64] >> index % 64 & 1) != 0;
    }

    /// The block can be taken again.
    void put(std::uint32_t index) noexcept {
        entries_[index].store(free_, std::memory_order_relaxed);
        free_ = index;
        --in_use_;
    }

    void retain(const std::byte* where) noexcept override {
        entries_[index_of(where)].fetch_add(1, std::memory_order_relaxed);
    }

    void release(const std::byte* where) noexcept override {
        const std::uint32_t index = index_of(where);
        if (entries_[index].fetch_sub(1, std::memory_order_acq_rel) == 1) {
            keeper_.on_last_release(*this, index);
        }
    }

    [[nodiscard]] location locate(const std::byte* where) noexcept override { return keeper_.locate_in_arena(where); }

    // The heap's list of slabs that are not full.
    slab* next = nullptr;
    slab* previous = nullptr;

    // Its list of all.
    slab* made_before = nullptr;
    slab* made_after = nullptr;

private:
    [[nodiscard]] std::uint32_t index_of(const std::byte* where) const noexcept {
        return capacity_ == 1 ? 0 : static_cast<std::uint32_t>(where - first_) / static_cast<std::uint32_t>(block_bytes_);
    }

    static std::size_t words_of_bits(std::uint32_t bits) noexcept { return (std::size_t{bits} + 63) / 64; }

    slab_keeper& keeper_;
    std::byte* run_;
    std::size_t run_bytes_;
    std::byte* first_;
    std::size_t block_bytes_;
    std::uint32_t capacity_;
    std::uint32_t in_use_ = 0;
    std::uint32_t untouched_ = 0;
    std::uint32_t free_ = none;
    std::unique_ptr<std::atomic<std::uint32_t>[]> entries_;
    std::unique_ptr<std::uint64_t[]> young_;
    std::uint64_t young_at_ = 0; // the number of forks that young_ is about
};

} // namespace multiprocessing::memory::detail
