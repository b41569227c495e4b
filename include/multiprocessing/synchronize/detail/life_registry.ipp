#pragma once

#include <multiprocessing/platform/inherited_handles.hpp>
#include <multiprocessing/synchronize/detail/life_registry.hpp>

#include <memory>
#include <new>
#include <string>
#include <system_error>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE constinit std::array<std::atomic<life_registry*>, 3> life_registry::instances_{};

// What was handed over is taken before there are threads: it can be taken once only.
MULTIPROCESSING_INLINE const bool life_registry::taken_over_ = platform::started_by_self() && (static_cast<void>(family()), true);

MULTIPROCESSING_INLINE life_name life_registry::enrol() {
    // Begin where the last thread of this process found a free one: a full table is then read through once, not each time.
    const std::uint32_t begin = last_found_.load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < capacity; ++i) {
        const std::uint32_t index = (begin + i) % capacity;
        slot& one = slots_[index];
        if (one.token.try_claim(handle())) {
            last_found_.store(index, std::memory_order_relaxed);
            const std::uint64_t generation = one.generation.fetch_add(1, std::memory_order_acq_rel) + 1;
            return nobody_of(scope_) | (generation << generation_shift) | (life_name{index} << slot_shift);
        }
    }
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                            "multiprocessing: " + std::to_string(capacity) +
                                " living threads use shared locks already; end some of them");
}

MULTIPROCESSING_INLINE void life_registry::resign(life_name name) noexcept {
    slot& one = slot_of(name);
    one.generation.fetch_add(1, std::memory_order_acq_rel);
    one.token.release(handle());
}

MULTIPROCESSING_INLINE life_registry& life_registry::make(life_scope scope) {
    const auto initialize = [](std::byte* slots, std::size_t offset) {
        for (std::size_t i = 0; i < table_bytes; i += sizeof(slot)) {
            (new (slots + i) slot)->token.initialize(offset + i);
        }
    };
    // As for the heap: no lock that a fork could leave locked; the first to publish wins.
    std::unique_ptr<life_registry> fresh(
        new life_registry(scope, scope == life_scope::family ? life_table_memory::of_family(table_bytes, initialize)
                                                             : life_table_memory::named(scope == life_scope::user, table_bytes, initialize)));
    life_registry* winner = nullptr;
    if (instances_[static_cast<std::size_t>(scope)].compare_exchange_strong(winner, fresh.get(), std::memory_order_acq_rel)) {
        return *fresh.release();
    }
    if (scope != life_scope::family) {
        // The same file as the winner's: to close a descriptor of it would let go of this process's byte locks. It happens once, if ever.
        static std::atomic<life_registry*> kept{nullptr}; // reachable, for leak checkers
        kept.store(fresh.release(), std::memory_order_relaxed);
    }
    return *winner;
}

MULTIPROCESSING_INLINE bool life_registry::bearer_lives(life_name name) noexcept {
    slot& one = slot_of(name);
    if (generation_of(one) != generation_in(name)) {
        return false;
    }
    if (!one.token.try_claim(handle())) {
        return generation_of(one) == generation_in(name);
    }
    // Nobody holds it, so the bearer is gone. Move on, so that the next asker need not claim; but only once.
    if (generation_of(one) == generation_in(name)) {
        one.generation.fetch_add(1, std::memory_order_acq_rel);
    }
    one.token.release(handle());
    return false;
}

} // namespace multiprocessing::detail
