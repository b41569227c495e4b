#pragma once

#include <multiprocessing/memory/arena.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <set>
#include <utility>

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
        auto fit = by_size_.lower_bound({bytes, nullptr});
        if (fit == by_size_.end()) {
            fit = add_arena(bytes);
        }
        const auto [run_bytes, first] = *fit;
        if (run_bytes > bytes) {
            // The new, shorter run first: if there is no memory for it, nothing has changed.
            insert_free(first + bytes, run_bytes - bytes);
        }
        erase_free(first, run_bytes);
        return first;
    }

    /// Takes back what `acquire(bytes)` returned, and gives its pages to the system. Where there is no memory to note
    /// that, the run is lost, not reused wrongly.
    void release(std::byte* first, std::size_t bytes) noexcept try {
        bytes = round_to_pages(bytes);
        const auto home = std::prev(arenas_.upper_bound(first)); // the arena that begins last, of those that begin before
        home->second.discard(first, bytes);
        std::byte* begin = first;
        std::size_t size = bytes;
        // Runs of two arenas never join, even when these happen to be mapped side by side.
        std::byte* const arena_begin = home->first;
        std::byte* const arena_end = arena_begin + home->second.size();
        if (const auto next = by_address_.find(first + bytes); next != by_address_.end() && next->first != arena_end) {
            size += next->second;
            erase_free(next->first, next->second);
        }
        if (auto before = by_address_.lower_bound(first); before != by_address_.begin() && first != arena_begin) {
            --before;
            if (before->first + before->second == first) {
                begin = before->first;
                size += before->second;
                erase_free(before->first, before->second);
            }
        }
        insert_free(begin, size);
    } catch (...) {
    }

    /// The arena an address is in, which must be in one.
    [[nodiscard]] const arena& home_of(const std::byte* where) const noexcept {
        return std::prev(arenas_.upper_bound(const_cast<std::byte*>(where)))->second;
    }

    [[nodiscard]] std::size_t arena_count() const noexcept { return arenas_.size(); }

    [[nodiscard]] static std::size_t round_to_pages(std::size_t bytes) noexcept {
        const std::size_t page = platform::mapping::page_size();
        return (bytes + page - 1) & ~(page - 1);
    }

private:
    using free_by_size = std::set<std::pair<std::size_t, std::byte*>>;

    static constexpr std::size_t first_arena_bytes = std::size_t{1} << 20;
    static constexpr std::size_t largest_step = std::size_t{1} << 30;

    /// A request larger than the next arena would be gets one of exactly its size.
    free_by_size::iterator add_arena(std::size_t at_least) {
        const std::size_t bytes = std::max(next_arena_bytes_, at_least);
        arena fresh(bytes);
        std::byte* const first = fresh.data();
        const auto home = arenas_.emplace(first, std::move(fresh)).first;
        try {
            const auto run = insert_free(first, bytes);
            next_arena_bytes_ = std::min(next_arena_bytes_ * 2, largest_step);
            return run;
        } catch (...) {
            arenas_.erase(home);
            throw;
        }
    }

    free_by_size::iterator insert_free(std::byte* first, std::size_t bytes) {
        const auto run = by_size_.emplace(bytes, first).first;
        try {
            by_address_.emplace(first, bytes);
        } catch (...) {
            by_size_.erase(run);
            throw;
        }
        return run;
    }

    void erase_free(std::byte* first, std::size_t bytes) noexcept {
        by_size_.erase({bytes, first});
        by_address_.erase(first);
    }

    std::map<std::byte*, arena> arenas_;
    std::map<std::byte*, std::size_t> by_address_;
    free_by_size by_size_;
    std::size_t next_arena_bytes_ = first_arena_bytes;
};

} // namespace multiprocessing::memory::detail
