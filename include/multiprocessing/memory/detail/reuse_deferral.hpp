#pragma once

#include <multiprocessing/memory/detail/slab.hpp>
#include <multiprocessing/platform/lease.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

/// \file
/// Keeps what was freed from being used again while a child that inherited it may still use it.

namespace multiprocessing::memory::detail {

/// The protocol. Children hold a *lease* (platform/lease.hpp) from the moment of the fork until the last of their descendants is
/// gone. Children that are forked with nothing freed between them share one lease: it is open here until the first free, which
/// seals it. Each lease has a list of the blocks freed after it was sealed and before the next lease was opened.
///
/// A block that was taken since the last fork is known to no child and need not wait. Otherwise:
///
/// Invariant: a block waits in the list of the youngest lease that existed when it was freed, and comes out only when that lease and
/// all older ones have expired. A child can know a block only if it was forked before the block was freed, so it holds a lease
/// that is as old as that or older. Interruptions: leases are kept by the kernel, so a child that is killed at any point holds or
/// holds not; and the lists are private to the process that owns the blocks, so if that one is killed there is nothing to reuse.
///
/// Not thread-safe: the heap's mutex guards it.
class reuse_deferral {
public:
    /// Before a fork: there is an unsealed lease for the child to inherit. No memory for it: nothing is ever reused again, which
    /// wastes memory and is safe.
    void open_lease() noexcept {
        ++forks_;
        try {
            if (epochs_.empty() || epochs_.back().lease.holding() == platform::invalid_native_handle) { // sealed; or closed by the program
                epochs_.push_back({platform::lease::open(), {}});
            }
        } catch (...) {
            reuse_allowed_ = false;
        }
    }

    /// The holding end of the lease that open_lease() made, for a child that inherits nothing by itself.
    [[nodiscard]] platform::native_handle holding_end() const noexcept {
        return epochs_.empty() ? platform::invalid_native_handle : epochs_.back().lease.holding();
    }

    /// How many children there may have been so far: the age of blocks is counted in these.
    [[nodiscard]] std::uint64_t forks() const noexcept { return forks_; }

    /// In the child: the leases it inherited are held, not watched. Calls `hold(platform::owned_handle)` with each.
    template <class Hold>
    void abandon(Hold hold) noexcept {
        for (epoch& each : epochs_) {
            if (auto holding = each.lease.abandon(); holding) {
                hold(std::move(holding));
            }
        }
        epochs_.clear();
    }

    /// True: nobody else can know the block, it may be used again at once. False: it waits here (or, without memory to note it,
    /// is never used again).
    [[nodiscard]] bool may_reuse_now(slab& home, std::uint32_t index) noexcept {
        if (home.is_young(index, forks_)) {
            return true;
        }
        if (!reuse_allowed_) {
            return false;
        }
        if (epochs_.empty()) {
            return true;
        }
        try {
            epochs_.back().waiting.emplace_back(&home, index);
            epochs_.back().lease.seal();
        } catch (...) {
        }
        return false;
    }

    /// How many blocks wait.
    [[nodiscard]] std::size_t count_waiting() const noexcept {
        std::size_t count = 0;
        for (const epoch& each : epochs_) {
            count += each.waiting.size();
        }
        return count;
    }

    /// Whether a look at the leases could set anything free.
    [[nodiscard]] bool anything_waits() const noexcept {
        for (const epoch& each : epochs_) {
            if (!each.waiting.empty()) {
                return true;
            }
        }
        return false;
    }

    /// Looks which leases have expired and calls `reuse(slab&, index)` for each block that waits for none any more.
    template <class Reuse>
    void collect(Reuse reuse) noexcept {
        for (auto each = epochs_.begin(); each != epochs_.end();) {
            if (!each->lease.expired()) {
                ++each;
                continue;
            }
            if (each == epochs_.begin()) {
                for (const auto& [home, index] : each->waiting) {
                    reuse(*home, index);
                }
            } else {
                hand_over(*each, *std::prev(each));
            }
            each = epochs_.erase(each);
        }
    }

private:
    using freed_block = std::pair<slab*, std::uint32_t>;

    struct epoch {
        platform::lease lease;
        std::vector<freed_block> waiting;
    };

    /// What waited for a lease that has expired goes on waiting for the older ones only. An older lease is sealed: a younger one
    /// was opened after it.
    static void hand_over(epoch& from, epoch& to) noexcept {
        try {
            to.waiting.insert(to.waiting.end(), from.waiting.begin(), from.waiting.end());
        } catch (...) { // no memory to note them: never used again
        }
    }

    std::vector<epoch> epochs_;
    std::uint64_t forks_ = 0;
    bool reuse_allowed_ = true;
};

} // namespace multiprocessing::memory::detail
