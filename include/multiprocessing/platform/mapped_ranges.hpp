#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/state_with_mutex.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

/// \file
/// Where shared memory is mapped in this process.

namespace multiprocessing::platform {

/// The ranges of addresses that `mapping` objects of this process take up at the moment. Private memory, which no other process can write: so it tells how
/// far a number may lead that others can.
///
/// Thread-safe. The mutex is a leaf: whoever has it takes no other one. It is held around a fork, so that the child has the ranges whole; behind the mutexes of
/// all that maps memory under one of its own (fork_turn::ranges).
class mapped_ranges {
public:
    /// How many bytes from `address` on belong to the same mapping; 0 where nothing of the library's is mapped. It stays so for as long as the caller
    /// has something that keeps that mapping.
    [[nodiscard]] static std::size_t bytes_from(const void* address) noexcept {
        const auto* const where = static_cast<const std::byte*>(address);
        const std::lock_guard guard(shared().mutex);
        const auto behind = position_behind(where);
        if (behind == shared().all.begin()) {
            return 0;
        }
        const range& before = *std::prev(behind);
        const auto distance = static_cast<std::size_t>(where - before.begin);
        return distance < before.bytes ? before.bytes - distance : 0;
    }

    /// Keeps one range among them. To be destroyed before its addresses are given back to the system.
    class entry {
    public:
        /// From now on the range is among them. Throws `std::bad_alloc`.
        entry(const std::byte* begin, std::size_t bytes) : begin_(begin) {
            const std::lock_guard guard(shared().mutex);
            shared().all.insert(position_behind(begin), range{begin, bytes});
        }
        /// Takes it over.
        entry(entry&& other) noexcept : begin_(std::exchange(other.begin_, nullptr)) {}
        /// Exchanges it.
        entry& operator=(entry&& other) noexcept {
            std::swap(begin_, other.begin_);
            return *this;
        }
        ~entry() {
            if (begin_ != nullptr) {
                const std::lock_guard guard(shared().mutex);
                shared().all.erase(std::prev(position_behind(begin_)));
            }
        }

    private:
        const std::byte* begin_;
    };

private:
    struct range {
        const std::byte* begin;
        std::size_t bytes;
    };

    /// Ordered by their begins; no two overlap.
    struct ranges : state_with_mutex {
        static constexpr const char* name = "mapped ranges";
        static constexpr fork_turn turn = fork_turn::ranges;

        std::vector<range> all;
    };

    [[nodiscard]] static ranges& shared() { return one_per_process<ranges>(); }

    [[nodiscard]] static std::vector<range>::iterator position_behind(const std::byte* address) noexcept {
        return std::upper_bound(shared().all.begin(), shared().all.end(), address,
                                [](const std::byte* wanted, const range& each) { return wanted < each.begin; });
    }
};

} // namespace multiprocessing::platform
