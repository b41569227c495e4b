#pragma once

#include <multiprocessing/memory/arena.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <set>
#include <utility>
#include <vector>

/// \file
/// Hands out runs of whole pages, from arenas that double in size.

namespace multiprocessing::memory::detail {

/// Best fit, lowest address first; neighbours that are free become one. All bookkeeping is in this process's private memory: nothing a
/// child does, or leaves undone when it is killed, can damage it. Not thread-safe: the heap's mutex guards it.
///
/// Invariant: every free run reads as zeros, so what `acquire` returns does too.
class page_runs {
public:
    /// At least `bytes`, rounded up to whole pages; zero-filled. Strong guarantee.
    [[nodiscard]] std::byte* acquire(std::size_t bytes) {
        bytes = round_to_pages(bytes);
        auto fit = by_size_.lower_bound({bytes, 0});
        if (fit == by_size_.end()) {
            fit = add_arena(bytes);
        }
        const auto [run_bytes, first] = *fit;
        if (run_bytes > bytes) {
            // The new, shorter run first: if there is no memory for it, nothing has changed.
            insert_free(first + bytes, run_bytes - bytes);
        }
        erase_free(first, run_bytes);
        return reinterpret_cast<std::byte*>(first); // NOLINT(performance-no-int-to-ptr): one type for sizes and addresses, see below
    }

    /// Takes back what `acquire(bytes)` returned, and gives its pages to the system. Where there is no memory to note
    /// that, the run is lost, not reused wrongly.
    void release(std::byte* run, std::size_t bytes) noexcept try {
        bytes = round_to_pages(bytes);
        arena& home = **(after(run) - 1);
        home.discard(run, bytes);
        const address first = to_address(run);
        address begin = first;
        std::size_t size = bytes;
        // Runs of two arenas never join, even when these happen to be mapped side by side.
        const address arena_begin = to_address(home.data());
        if (const auto next = by_address_.lower_bound({first + bytes, 0});
            next != by_address_.end() && next->first == first + bytes && next->first != arena_begin + home.size()) {
            const auto [at, joined] = *next;
            size += joined;
            erase_free(at, joined);
        }
        if (auto before = by_address_.lower_bound({first, 0}); before != by_address_.begin() && first != arena_begin) {
            --before;
            if (const auto [at, joined] = *before; at + joined == first) {
                begin = at;
                size += joined;
                erase_free(at, joined);
            }
        }
        insert_free(begin, size);
    } catch (...) {
    }

    /// The arena an address is in, which must be in one.
    [[nodiscard]] const arena& home_of(const std::byte* where) const noexcept { return **(after(where) - 1); }

    [[nodiscard]] std::size_t arena_count() const noexcept { return arenas_.size(); }

    [[nodiscard]] static std::size_t round_to_pages(std::size_t bytes) noexcept {
        const std::size_t page = platform::mapping::page_size();
        return (bytes + page - 1) & ~(page - 1);
    }

private:
    using address = std::uintptr_t;
    // One type for both, where a size and an address are: a kind of tree less to compile.
    using free_by_size = std::set<std::pair<std::size_t, address>>;
    using free_by_address = std::set<std::pair<address, std::size_t>>;
    using arenas = std::vector<std::unique_ptr<arena>>;

    static constexpr std::size_t first_arena_bytes = std::size_t{1} << 20;
    static constexpr std::size_t largest_step = std::size_t{1} << 30;

    [[nodiscard]] static address to_address(const std::byte* where) noexcept { return reinterpret_cast<address>(where); }

    /// The first arena that begins behind it.
    [[nodiscard]] arenas::const_iterator after(const std::byte* where) const noexcept {
        return std::upper_bound(arenas_.begin(), arenas_.end(), to_address(where),
                                [](address at, const std::unique_ptr<arena>& each) { return at < to_address(each->data()); });
    }

    /// A request larger than the next arena would be gets one of exactly its size.
    free_by_size::iterator add_arena(std::size_t at_least) {
        const std::size_t bytes = (std::max)(next_arena_bytes_, at_least);
        auto fresh = std::make_unique<arena>(bytes);
        const std::byte* const first = fresh->data();
        const auto home = arenas_.insert(after(first), std::move(fresh));
        try {
            const auto run = insert_free(to_address(first), bytes);
            next_arena_bytes_ = (std::min)(next_arena_bytes_ * 2, largest_step);
            return run;
        } catch (...) {
            arenas_.erase(home);
            throw;
        }
    }

    free_by_size::iterator insert_free(address first, std::size_t bytes) {
        const auto run = by_size_.emplace(bytes, first).first;
        try {
            by_address_.emplace(first, bytes);
        } catch (...) {
            by_size_.erase(run);
            throw;
        }
        return run;
    }

    void erase_free(address first, std::size_t bytes) noexcept {
        by_size_.erase({bytes, first});
        by_address_.erase({first, bytes});
    }

    arenas arenas_; // by address
    free_by_address by_address_;
    free_by_size by_size_;
    std::size_t next_arena_bytes_ = first_arena_bytes;
};

} // namespace multiprocessing::memory::detail
