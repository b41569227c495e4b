#pragma once

#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/platform/inherited_handles.hpp>
#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/process_id.hpp>
#include <multiprocessing/platform/random_number.hpp>
#include <multiprocessing/platform/state_with_mutex.hpp>
#include <multiprocessing/robust/life_registry.hpp>

#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>

namespace multiprocessing::robust {

/// Those of the process.
struct life_registry::all : platform::state_with_mutex {
    static constexpr const char* name = "lives";
    static constexpr platform::fork_turn turn = platform::fork_turn::others;

    std::array<std::atomic<life_registry*>, 2> at_hand{}; // by life_scope

    /// A child takes numbers of its own at once, before it may close descriptors that it did not open.
    void after_fork_in_child() noexcept {
        platform::state_with_mutex::after_fork_in_child();
        for (const auto& each : at_hand) {
            if (life_registry* const registry = each.load(std::memory_order_relaxed)) {
                registry->renew();
            }
        }
    }
};

MULTIPROCESSING_INLINE std::atomic<life_registry*>& life_registry::at_hand(life_scope scope) {
    return platform::one_per_process<all>().at_hand[static_cast<std::size_t>(scope)];
}

// What was handed over is taken before there are threads: it can be taken once only.
MULTIPROCESSING_INLINE const bool life_registry::taken_over_ = platform::started_by_self() && (static_cast<void>(family()), true);

MULTIPROCESSING_INLINE std::mutex& life_registry::mutex() { return platform::one_per_process<all>().mutex; }

MULTIPROCESSING_INLINE void life_registry::renew() noexcept {
    tokens_.forget();
    process_.store(0, std::memory_order_relaxed);
    try {
        static_cast<void>(this_process());
    } catch (const std::system_error&) { // as said
    }
}

MULTIPROCESSING_INLINE std::uint64_t life_registry::this_process() {
    if (const std::uint64_t mine = process_.load(std::memory_order_acquire); mine != 0) {
        return mine;
    }
    const std::lock_guard guard(mutex());
    std::uint64_t mine = process_.load(std::memory_order_relaxed);
    constexpr int most_tries = 64;
    constexpr std::uint64_t most = ~std::uint64_t{0} >> 2; // what life_tokens tells apart
    for (int tries = 0; mine == 0; ++tries) {
        if (tries == most_tries) {
            throw std::system_error(std::make_error_code(std::errc::device_or_resource_busy),
                                    "multiprocessing: all life tokens that were tried of the table" + of_name() + " are held: by a process that may write it "
                                    "and wants nobody to have one");
        }
        // Somebody else's only if the counter was damaged.
        const std::uint64_t counted = memory_.front().processes.fetch_add(1, std::memory_order_relaxed) + 1;
        const std::uint64_t next = (tries < most_tries / 2 ? counted : platform::random_number()) & most;
        if (next != 0 && tokens_.try_take(next)) {
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
    constexpr int most_turns = 1000; // who writes at random what others may write holds up nobody
    for (int turn = 0; turn < most_turns; ++turn) { // again when somebody else was faster, in one step or the other
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
            generation = one.generation.fetch_add(1, std::memory_order_acq_rel) + 1;
            return without_high_bits(generation) != 0 ? generation : one.generation.fetch_add(1, std::memory_order_acq_rel) + 1;
        }
    }
    return 0;
}

MULTIPROCESSING_INLINE life_id life_registry::enrol() {
    static_cast<void>(this_process());
    // Begin where the last thread of this process found a free one: a full table is then read through once, not each time.
    const std::uint32_t begin = last_found_.load(std::memory_order_relaxed);
    const auto find = [&](auto is_gone) -> life_id {
        for (std::uint32_t i = 0; i < count_; ++i) {
            const std::uint32_t index = (begin + i) % count_;
            if (const std::uint64_t generation = claim(slots_[index], is_gone); generation != 0) {
                last_found_.store(index, std::memory_order_relaxed);
                // The generation is seen by whoever sees the name, in whatever word this thread puts it: see `ask`.
                std::atomic_thread_fence(std::memory_order_release);
                return {scope_, index, generation};
            }
        }
        return {};
    };
    // The first few processes on the way are asked after, so that the slots of dead children are used again at once; all of them, when no slot
    // is free. Mostly those of one process stand side by side.
    constexpr std::uint32_t few = 8;
    for (std::uint32_t questions : {few, capacity}) {
        const std::uint64_t mine = process_.load(std::memory_order_relaxed); // of which a record lock tells its own process nothing
        std::uint64_t lives = mine;
        const life_id found = find([&](std::uint64_t process) {
            if (process == mine || process == lives || questions == 0) {
                return false;
            }
            --questions;
            const bool gone = tokens_.ask(process) == platform::life::gone;
            lives = gone ? lives : process;
            return gone;
        });
        if (found) {
            return found;
        }
    }
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                            "multiprocessing: " + std::to_string(count_) + " living threads use " +
                                (scope_ == life_scope::object ? "the object" + of_name() : std::string("shared locks")) +
                                " already; end some of them");
}

MULTIPROCESSING_INLINE void life_registry::resign(life_id name) noexcept { give_back(slot_of(name)); }

MULTIPROCESSING_INLINE void life_registry::give_back(slot& one) noexcept {
    one.generation.fetch_add(1, std::memory_order_acq_rel);
    one.thread.store(0, std::memory_order_relaxed);
    one.process.store(0, std::memory_order_release);
}

MULTIPROCESSING_INLINE platform::life life_registry::ask(life_id name) noexcept {
    // Behind the load of the name, which may be a relaxed one: an older generation than the name's would make a living bearer a dead one.
    std::atomic_thread_fence(std::memory_order_acquire);
    slot& one = slot_of(name);
    std::uint64_t generation = one.generation.load(std::memory_order_acquire);
    const platform::life its = look(name);
    if (its == platform::life::gone && without_high_bits(generation) == name.generation() && one.process.load(std::memory_order_acquire) != 0) {
        one.generation.compare_exchange_strong(generation, generation + 1, std::memory_order_acq_rel);
    }
    return its;
}

MULTIPROCESSING_INLINE platform::life life_registry::look(life_id name) const noexcept {
    std::atomic_thread_fence(std::memory_order_acquire); // as in `ask`
    const slot& one = slot_of(name);
    const std::uint64_t generation = one.generation.load(std::memory_order_acquire);
    if (without_high_bits(generation) != name.generation()) {
        return platform::life::gone;
    }
    const std::uint64_t process = one.process.load(std::memory_order_acquire);
    if (process == 0) {
        return platform::life::gone; // it has resigned since
    }
    const bool mine = process == process_.load(std::memory_order_relaxed);
    const platform::life its = mine ? platform::life::held : tokens_.ask(process);
    const auto still_its = [&] { return without_high_bits(one.generation.load(std::memory_order_acquire)) == name.generation(); };
    return its == platform::life::gone || still_its() ? its : platform::life::gone;
}

MULTIPROCESSING_INLINE bool life_registry::is_alive(life_id name) noexcept try {
    return of(name.scope()).ask(name) != platform::life::gone;
} catch (const std::exception&) { // of a name that nobody of the protocol wrote there, or one that lost its table
    return true;
}

MULTIPROCESSING_INLINE bool life_registry::is_surely_alive_here(life_id name) {
    const platform::life its = ask(name);
    if (its == platform::life::unknown) {
        throw std::system_error(std::make_error_code(std::errc::bad_file_descriptor),
                                "multiprocessing: the system cannot be asked whether the owner of a lock lives: this program has closed the "
                                "descriptor of its table of lives, which it did not open");
    }
    return its == platform::life::held;
}

MULTIPROCESSING_INLINE life_registry& life_registry::make(life_scope scope) {
    // As for the heap: no lock that a fork could leave locked; the first to publish wins.
    if (scope == life_scope::object) {
        throw LayoutError("multiprocessing: a lock was damaged: it is written in the names of a table that does not belong to it");
    }
    auto memory = scope == life_scope::family ? life_table_memory::of_family(capacity) : life_table_memory::of_user(capacity);
    const std::uint64_t number = memory.front().number;
    auto fresh = std::make_unique<life_registry>(scope, std::move(memory), capacity, number);
    life_registry* winner = nullptr;
    if (at_hand(scope).compare_exchange_strong(winner, fresh.get(), std::memory_order_acq_rel)) {
        return *fresh.release();
    }
    if (scope != life_scope::family) {
        // The same file as the winner's: to close a descriptor of it would let go of a record lock of this process. It happens once, if ever.
        static std::atomic<life_registry*> kept{nullptr}; // reachable, for leak checkers
        kept.store(fresh.release(), std::memory_order_relaxed);
    }
    return *winner;
}

} // namespace multiprocessing::robust
