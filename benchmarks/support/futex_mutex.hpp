#pragma once

#include "shared_peers.hpp"

#include <atomic>
#include <cstdint>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/// \file
/// The peer: the least lock that sleeps (U. Drepper, "Futexes Are Tricky"): neither robust nor recursive, and it does not know who has it.

namespace benchmarks {

template <class T>
class guarded_by_futex {
public:
    template <class Change>
    void update(Change change) const {
        lock(shared_->word);
        change(shared_->value);
        unlock(shared_->word);
    }

private:
    enum state : std::uint32_t { free, taken, contended };

    static void lock(std::atomic<std::uint32_t>& word) {
        std::uint32_t seen = free;
        if (word.compare_exchange_strong(seen, taken, std::memory_order_acquire)) {
            return;
        }
        while (word.exchange(contended, std::memory_order_acquire) != free) {
            ::syscall(SYS_futex, &word, FUTEX_WAIT, contended, nullptr, nullptr, 0);
        }
    }
    static void unlock(std::atomic<std::uint32_t>& word) {
        if (word.exchange(free, std::memory_order_release) == contended) {
            ::syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
        }
    }

    struct alignas(64) shared {
        std::atomic<std::uint32_t> word{free};
        T value{};
    };
    mapped<shared> shared_;
};

} // namespace benchmarks
