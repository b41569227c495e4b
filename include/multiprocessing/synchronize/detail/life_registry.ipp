#pragma once

#include <multiprocessing/platform/fork_hooks.hpp>
#include <multiprocessing/platform/inherited_handles.hpp>
#include <multiprocessing/platform/process_id.hpp>
#include <multiprocessing/synchronize/detail/life_registry.hpp>

#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE constinit std::array<std::atomic<life_registry*>, 3> life_registry::instances_{};

// What was handed over is taken before there are threads: it can be taken once only.
MULTIPROCESSING_INLINE const bool life_registry::taken_over_ = platform::started_by_self() && (static_cast<void>(family()), true);

/// One thread at a time takes a number for its process, and no fork comes between: a child has no number, and none of the descriptors that
/// taking a token needs. Never destroyed: threads may take locks while the program ends.
struct life_registry::process_numbers {
    [[nodiscard]] static std::mutex& mutex() {
        static std::mutex* const one = new std::mutex;
        return *one;
    }

    /// A child takes its own at once, before it may close descriptors that it did not open. What the system refuses now, it is asked for again
    /// when a thread needs a name.
    static void renew() noexcept {
        mutex().unlock();
        for (const auto& each : instances_) {
            if (life_registry* const registry = each.load(std::memory_order_relaxed)) {
                registry->process_.store(0, std::memory_order_relaxed);
                try {
                    static_cast<void>(registry->this_process());
                } catch (const std::system_error&) { // as said
                }
            }
        }
    }

    [[gnu::init_priority(101)]] static inline const platform::fork_hook hooked{[] { mutex().lock(); }, [] { mutex().unlock(); }, renew};
};

MULTIPROCESSING_INLINE std::uint64_t life_registry::this_process() {
    if (const std::uint64_t mine = process_.load(std::memory_order_acquire); mine != 0) {
        return mine;
    }
    const std::lock_guard guard(process_numbers::mutex());
    std::uint64_t mine = process_.load(std::memory_order_relaxed);
    while (mine == 0) {
        const std::uint64_t next = memory_.front().processes.fetch_add(1, std::memory_order_relaxed) + 1;
        if (next != 0 && tokens_.try_take(next)) { // somebody else's only if the counter was damaged
            mine = next;
        }
    }
    process_.store(mine, std::memory_order_release);
    return mine;
}

MULTIPROCESSING_INLINE std::uint64_t life_registry::this_thread_of(std::uint64_t process) noexcept {
    return process << 32 | (static_cast<std::uint64_t>(platform::current_thread_number()) & 0xffff'ffff);
}

template <class IsGone>
std::uint64_t life_registry::claim(slot& one, IsGone is_gone) {
    for (;;) { // again when somebody else was faster, in one step or the other
        std::uint64_t generation = one.generation.load(std::memory_order_acquire);
        std::uint64_t process = one.process.load(std::memory_order_acquire);
        if (process != 0) {
            if (!is_gone(process)) {
                return 0;
            }
            if (!one.generation.compare_exchange_strong(generation, generation + 1, std::memory_order_acq_rel)) {
                continue;
            }
        }
        const std::uint64_t mine = process_.load(std::memory_order_relaxed);
        if (one.process.compare_exchange_strong(process, mine, std::memory_order_acq_rel)) {
            one.thread.store(this_thread_of(mine), std::memory_order_relaxed);
            return one.generation.fetch_add(1, std::memory_order_acq_rel) + 1;
        }
    }
}

MULTIPROCESSING_INLINE life_name life_registry::enrol() {
    static_cast<void>(this_process());
    // Begin where the last thread of this process found a free one: a full table is then read through once, not each time.
    const std::uint32_t begin = last_found_.load(std::memory_order_relaxed);
    const auto find = [&](auto is_gone) -> life_name {
        for (std::uint32_t i = 0; i < capacity; ++i) {
            const std::uint32_t index = (begin + i) % capacity;
            if (const std::uint64_t generation = claim(slots_[index], is_gone); generation != 0) {
                last_found_.store(index, std::memory_order_relaxed);
                // The generation is seen by whoever sees the name, in whatever word this thread puts it: see `ask`.
                std::atomic_thread_fence(std::memory_order_release);
                return nobody_of(scope_) | (generation << generation_shift) | (life_name{index} << slot_shift);
            }
        }
        return 0;
    };
    // The first few processes on the way are asked after, so that the slots of dead children are used again at once; all of them, when no slot
    // is free. Mostly those of one process stand side by side.
    constexpr std::uint32_t few = 8;
    for (std::uint32_t questions : {few, capacity}) {
        const std::uint64_t mine = process_.load(std::memory_order_relaxed); // of which a record lock tells its own process nothing
        std::uint64_t lives = mine;
        const life_name found = find([&](std::uint64_t process) {
            if (process == mine || process == lives || questions == 0) {
                return false;
            }
            --questions;
            const bool gone = tokens_.ask(process) == platform::life::gone;
            lives = gone ? lives : process;
            return gone;
        });
        if (found != 0) {
            return found;
        }
    }
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                            "multiprocessing: " + std::to_string(capacity) +
                                " living threads use shared locks already; end some of them");
}

MULTIPROCESSING_INLINE void life_registry::resign(life_name name) noexcept { give_back(slot_of(name)); }

MULTIPROCESSING_INLINE void life_registry::give_back(slot& one) noexcept {
    one.generation.fetch_add(1, std::memory_order_acq_rel);
    one.thread.store(0, std::memory_order_relaxed); // so that it is not taken for this thread's when the next thread of this process has it
    one.process.store(0, std::memory_order_release);
}

MULTIPROCESSING_INLINE void life_registry::resign_this_thread(life_scope scope) noexcept {
    life_registry* const here = instances_[static_cast<std::size_t>(scope)].load(std::memory_order_acquire);
    const std::uint64_t mine = here != nullptr ? here->process_.load(std::memory_order_acquire) : 0;
    if (mine == 0) {
        return;
    }
    const std::uint64_t thread = this_thread_of(mine);
    for (std::uint32_t i = 0; i < capacity; ++i) {
        slot& one = here->slots_[i];
        if (one.process.load(std::memory_order_relaxed) == mine && one.thread.load(std::memory_order_relaxed) == thread) {
            give_back(one);
        }
    }
}

MULTIPROCESSING_INLINE platform::life life_registry::ask(life_name name) noexcept {
    // Behind the load of the name, which may be a relaxed one: an older generation than the name's would make a living bearer a dead one.
    std::atomic_thread_fence(std::memory_order_acquire);
    slot& one = slot_of(name);
    std::uint64_t generation = one.generation.load(std::memory_order_acquire);
    if (without_high_bits(generation) != generation_in(name)) {
        return platform::life::gone;
    }
    const std::uint64_t process = one.process.load(std::memory_order_acquire);
    if (process == 0) {
        return platform::life::gone; // it has resigned since
    }
    const bool mine = process == process_.load(std::memory_order_relaxed);
    const platform::life its = mine ? platform::life::held : tokens_.ask(process);
    if (its == platform::life::gone) {
        one.generation.compare_exchange_strong(generation, generation + 1, std::memory_order_acq_rel);
        return its;
    }
    return without_high_bits(one.generation.load(std::memory_order_acquire)) == generation_in(name) ? its : platform::life::gone;
}

MULTIPROCESSING_INLINE bool life_registry::is_alive(life_name name) noexcept try {
    return of(scope_of(name)).ask(name) != platform::life::gone;
} catch (const std::exception&) { // of a name that nobody of the protocol wrote there, or one that lost its table
    return true;
}

MULTIPROCESSING_INLINE bool life_registry::is_surely_alive(life_name name) {
    const platform::life its = of(scope_of(name)).ask(name);
    if (its == platform::life::unknown) {
        throw std::system_error(std::make_error_code(std::errc::bad_file_descriptor),
                                "multiprocessing: the system cannot be asked whether the owner of a lock lives: this program has closed the "
                                "descriptor of its table of lives, which it did not open");
    }
    return its == platform::life::held;
}

MULTIPROCESSING_INLINE life_registry& life_registry::make(life_scope scope) {
    // As for the heap: no lock that a fork could leave locked; the first to publish wins.
    std::unique_ptr<life_registry> fresh(
        new life_registry(scope, scope == life_scope::family ? life_table_memory::of_family(table_bytes)
                                                             : life_table_memory::named(scope == life_scope::user, table_bytes)));
    life_registry* winner = nullptr;
    if (instances_[static_cast<std::size_t>(scope)].compare_exchange_strong(winner, fresh.get(), std::memory_order_acq_rel)) {
        return *fresh.release();
    }
    if (scope != life_scope::family) {
        // The same file as the winner's: to close a descriptor of it would let go of a record lock of this process. It happens once, if ever.
        static std::atomic<life_registry*> kept{nullptr}; // reachable, for leak checkers
        kept.store(fresh.release(), std::memory_order_relaxed);
    }
    return *winner;
}

} // namespace multiprocessing::detail
