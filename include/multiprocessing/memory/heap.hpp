#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/memory/detail/page_runs.hpp>
#include <multiprocessing/memory/detail/reuse_deferral.hpp>
#include <multiprocessing/memory/detail/size_class.hpp>
#include <multiprocessing/memory/detail/slab.hpp>
#include <multiprocessing/platform/one_per_process.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// \file
/// The allocator of a process.

namespace multiprocessing::memory {

/// The allocator of one process. The blocks are shared memory; all that is known *about* them is private to the process that gave
/// them out, so no other process can damage it, whenever that is killed.
///
/// A process that is made by `fork`, the library's or any other, has a heap of its own from its first allocation on: it goes on using
/// what it inherited, and gives none of it back; what it frees of its own, it reuses. A block that is freed while children live
/// is used again only when all who may have inherited it are gone (detail/reuse_deferral.hpp).
///
/// Thread-safe. The heap of a process is never destroyed: objects with static storage may outlive everything else. One that was inherited goes, in the
/// child, with the last of the child's handles of its blocks: otherwise each generation that forks the next one would keep the memory of all before it.
class heap final : private detail::slab_keeper {
public:
    /// The heap of the calling process; made at the first call.
    [[nodiscard]] static heap& current() {
        heap* here = of_process().current.load(std::memory_order_acquire);
        return here != nullptr ? *here : make_current();
    }

    /// Zero-filled shared memory of at least `bytes`, aligned to `alignment` (a power of two); 0 bytes are as good as any number.
    /// The block goes back when the last copy of it is destroyed. Strong guarantee; throws `std::system_error` or
    /// `std::bad_alloc` when the memory cannot be had.
    [[nodiscard]] block allocate(std::size_t bytes, std::size_t alignment) {
        if (bytes > largest_request) {
            platform::throw_os_error(ENOMEM, "allocate", "shared memory of " + std::to_string(bytes) + " bytes");
        }
        bytes = ((std::max<std::size_t>)(bytes, 1) + alignment - 1) & ~(alignment - 1);
        const auto slab_class = detail::size_class::of(bytes, alignment);
        const std::lock_guard guard(mutex_);
        if (deferral_.anything_waits()) {
            collect();
        }
        return slab_class ? allocate_from_slab(*slab_class) : allocate_pages(bytes, alignment);
    }

    /// Calls `start(handles)` to start a child that inherits nothing by itself, with the native handles of the leases that it must be handed and
    /// keep for life: so what it is passed of this heap, or of those of this process's ancestors, is not used again while it lives.
    template <class Start>
    auto lend(Start start) {
        const std::lock_guard guard(mutex_);
        collect();
        deferral_.open_lease();
        of_process().let_go_of_the_dead();
        std::vector<platform::native_handle> leases;
        for (const platform::owned_handle& each : of_process().held_leases) {
            leases.push_back(each.get());
        }
        if (const auto mine = deferral_.holding_end(); mine != platform::invalid_native_handle) {
            leases.push_back(mine);
        }
        return start(std::span<const platform::native_handle>(leases));
    }

    /// In a child so started, once for each: this process has the lease and keeps it for as long as its owner lives.
    static void hold_lease(platform::owned_handle lease) { of_process().held_leases.push_back(std::move(lease)); }

    /// How many regions of shared memory this process has from the system: each is one descriptor and one mapping.
    [[nodiscard]] std::size_t arena_count() {
        const std::lock_guard guard(mutex_);
        return pages_.arena_count();
    }

private:
    using slab = detail::slab;

    static constexpr std::size_t largest_request = std::size_t{1} << 62;

    heap() = default;

    /// Of an inherited one, of which nobody here has a block.
    ~heap() {
        while (slab* const one = slabs_) {
            slabs_ = one->made_before;
            delete one;
        }
    }

    static heap& make_current() {
        // No lock, which a fork at the wrong moment would leave locked in the child: the first to publish its heap wins.
        std::unique_ptr<heap, void (*)(heap*)> fresh(new heap, [](heap* loser) { delete loser; });
        heap* winner = nullptr;
        if (of_process().current.compare_exchange_strong(winner, fresh.get(), std::memory_order_acq_rel)) {
            return *fresh.release();
        }
        return *winner;
    }

    block allocate_from_slab(detail::size_class size) {
        slab*& with_room = with_room_[size.index];
        if (with_room == nullptr) {
            const auto capacity = static_cast<std::uint32_t>(detail::slab_bytes / size.block_bytes);
            link(*make_slab(detail::slab_bytes, 1, size.block_bytes, capacity));
        }
        slab& home = *with_room;
        const auto [address, used_before] = home.take(deferral_.forks());
        if (home.full()) {
            unlink(home);
        }
        if (used_before) {
            std::memset(address, 0, size.block_bytes);
        }
        return block(home, address);
    }

    block allocate_pages(std::size_t bytes, std::size_t alignment) {
        slab* const home = make_slab(bytes, alignment, bytes, 1);
        return block(*home, home->take(deferral_.forks()).address);
    }

    slab* make_slab(std::size_t bytes, std::size_t alignment, std::size_t block_bytes, std::uint32_t capacity) {
        const std::size_t page = platform::mapping::page_size();
        const std::size_t run_bytes = alignment <= page ? bytes : bytes + alignment;
        std::byte* const run = pages_.acquire(run_bytes);
        const auto misaligned = reinterpret_cast<std::uintptr_t>(run) & (alignment - 1);
        const std::size_t offset = misaligned == 0 ? 0 : alignment - misaligned;
        try {
            auto* const fresh = new slab(*this, run, run_bytes, offset, block_bytes, capacity);
            fresh->made_before = slabs_;
            if (slabs_ != nullptr) {
                slabs_->made_after = fresh;
            }
            return slabs_ = fresh;
        } catch (...) {
            pages_.release(run, run_bytes);
            throw;
        }
    }

    void on_last_release(slab& home, std::uint32_t index) noexcept override {
        if (of_process().current.load(std::memory_order_relaxed) != this) { // inherited: the process that made it decides when the block is used again
            if (inherited_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
                delete this;
            }
            return;
        }
        const std::lock_guard guard(mutex_);
        if (deferral_.may_reuse_now(home, index)) {
            reuse(home, index);
        }
    }

    location locate_in_arena(const std::byte* where) noexcept override {
        const std::lock_guard guard(mutex_);
        const arena& home = pages_.home_of(where);
        return {&home.object(), static_cast<std::size_t>(where - home.data())};
    }

    /// Blocks that have references, or are lost. One whose last reference another thread has just given up, and not yet told of, counts as well.
    [[nodiscard]] std::size_t count_referenced() const noexcept {
        std::size_t count = 0;
        for (const slab* each = slabs_; each != nullptr; each = each->made_before) {
            count += each->in_use();
        }
        return count - deferral_.count_waiting();
    }

    void collect() noexcept {
        deferral_.collect([this](slab& home, std::uint32_t index) { reuse(home, index); });
    }

    void reuse(slab& home, std::uint32_t index) noexcept {
        const bool was_full = home.full();
        home.put(index);
        if (home.holds_one_block()) {
            destroy(home);
            return;
        }
        if (was_full) {
            link(home);
        }
        // One empty slab is kept for each size, or making and dropping a single object would cost a system call each time.
        if (home.empty() && (home.next != nullptr || home.previous != nullptr)) {
            unlink(home);
            destroy(home);
        }
    }

    void destroy(slab& home) noexcept {
        pages_.release(home.run(), home.run_bytes());
        (home.made_after != nullptr ? home.made_after->made_before : slabs_) = home.made_before;
        if (home.made_before != nullptr) {
            home.made_before->made_after = home.made_after;
        }
        delete &home;
    }

    slab*& list_of(const slab& home) noexcept {
        return with_room_[detail::size_class::of(home.block_bytes(), 1)->index];
    }

    void link(slab& home) noexcept {
        slab*& first = list_of(home);
        home.previous = nullptr;
        home.next = first;
        if (first != nullptr) {
            first->previous = &home;
        }
        first = &home;
    }

    void unlink(slab& home) noexcept {
        (home.previous != nullptr ? home.previous->next : list_of(home)) = home.next;
        if (home.next != nullptr) {
            home.next->previous = home.previous;
        }
        home.next = home.previous = nullptr;
    }

    /// What there is once in a process.
    struct state {
        static constexpr const char* name = "heap";
        static constexpr platform::fork_turn turn = platform::fork_turn::heap;

        std::atomic<heap*> current{nullptr};
        heap* forking = nullptr; // around a fork: the one whose mutex is held
        std::vector<platform::owned_handle> held_leases; // of this process's ancestors. Changed while it is born, and with the heap's mutex held

        /// Of ancestors that have ended, and those that the program has closed: else there would be more with every generation.
        void let_go_of_the_dead() noexcept {
            std::erase_if(held_leases, [](const platform::owned_handle& each) { return !each.is_whole() || !platform::lease::is_watched(each); });
        }

        // Around a fork the mutex is held, so that the child's lease and the other threads' allocations and frees have one order.
        // The heap is made here if need be: one that another thread made between these functions would not be locked.
        void before_fork() noexcept try {
            heap& here = heap::current();
            here.mutex_.lock();
            forking = &here;
            here.collect();
            if (here.pages_.arena_count() != 0) {
                here.deferral_.open_lease();
            }
        } catch (...) { // no memory for a heap: then there is nothing yet that a child could inherit
        }
        void after_fork_in_parent() noexcept {
            if (heap* const here = std::exchange(forking, nullptr)) {
                here->mutex_.unlock();
            }
        }
        void after_fork_in_child() noexcept {
            if (heap* const inherited = std::exchange(forking, nullptr)) {
                let_go_of_the_dead();
                const std::size_t blocks = inherited->count_referenced();
                inherited->inherited_.store(blocks, std::memory_order_relaxed);
                inherited->deferral_.abandon(&hold_lease);
                inherited->mutex_.unlock(); // it still says where inherited blocks are
                current.store(nullptr, std::memory_order_release);
                if (blocks == 0) {
                    delete inherited;
                }
            }
        }
    };
    [[nodiscard]] static state& of_process() { return platform::one_per_process<state>(); }

    std::mutex mutex_;
    detail::page_runs pages_;
    detail::reuse_deferral deferral_;
    std::array<slab*, detail::size_class::count> with_room_{};
    slab* slabs_ = nullptr;                 // the last that was made
    std::atomic<std::size_t> inherited_{0}; // in a child of the process that made this: blocks of which the child has handles
};

} // namespace multiprocessing::memory
