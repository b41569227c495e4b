#pragma once

#include <multiprocessing/memory/arena.hpp>
#include <multiprocessing/platform/life_token.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/start_self.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <utility>

/// \file
/// Gives every thread that uses a shared lock a name which no other thread, of any process, was ever given or will be, and
/// answers whether the bearer of a name still lives.

namespace multiprocessing::detail {

/// A thread's name: the number of its slot in the registry (16 bits) and the slot's generation (47 bits). Bit 0 is always
/// clear: locks keep a flag there. 0 is nobody.
using life_name = std::uint64_t;

/// The protocol. A slot is a life token and a generation. A thread claims a free slot's token, moves the generation on, and is
/// from then on called (slot, generation); it holds the token until it ends.
///
/// Invariants: (1) a name is given out only by a thread that holds the token of its slot and has just moved the generation to a
/// value that it never had. (2) Whoever can claim the token of a slot knows that all names of the slot given so far are names of the dead.
/// So "alive" is: the slot's generation is still the name's, and its token cannot be claimed. Interruptions: a thread killed
/// after claiming and before moving the generation on has a name nobody has seen; one killed while it asks after somebody else holds a token
/// that the kernel lets go of, and the next asker finds the same answer. While a token is in an asker's hands for those few
/// instructions, another asker reads "alive"; it is told the truth one slice later, for each asker moves the generation on.
class life_registry {
public:
    /// So many threads of a process family can be named at once.
    static constexpr std::uint32_t capacity = 8192;

    /// The registry that this process shares with all who descend from it, or it from. Every lock is made by a process that has
    /// called this, so whoever inherits a lock has the lock's registry.
    [[nodiscard]] static life_registry& family() {
        life_registry* here = family_.load(std::memory_order_acquire);
        return here != nullptr ? *here : make_family();
    }

    /// Names the calling thread. Throws `std::system_error`, resource_unavailable_try_again, when all slots are taken by
    /// living threads.
    [[nodiscard]] life_name enrol() {
        // Begin where the last thread of this process found a free one: a full table is then read through once, not each time.
        const std::uint32_t begin = last_found_.load(std::memory_order_relaxed);
        for (std::uint32_t i = 0; i < capacity; ++i) {
            const std::uint32_t index = (begin + i) % capacity;
            slot& one = slots_[index];
            if (one.token.try_claim(object())) {
                last_found_.store(index, std::memory_order_relaxed);
                const std::uint64_t generation = one.generation.fetch_add(1, std::memory_order_acq_rel) + 1;
                return make_name(index, generation);
            }
        }
        throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                "multiprocessing: " + std::to_string(capacity) +
                                    " living threads use shared locks already; end some of them");
    }

    /// The bearer, which is the calling thread, gives its name up.
    void resign(life_name name) noexcept {
        slot& one = slot_of(name);
        one.generation.fetch_add(1, std::memory_order_acq_rel);
        one.token.release(object());
    }

    [[nodiscard]] bool is_alive(life_name name) noexcept {
        slot& one = slot_of(name);
        if (generation_of(one) != generation_in(name)) {
            return false;
        }
        if (!one.token.try_claim(object())) {
            return generation_of(one) == generation_in(name);
        }
        // Nobody holds it, so the bearer is gone. Move on, so that the next asker need not claim; but only once.
        if (generation_of(one) == generation_in(name)) {
            one.generation.fetch_add(1, std::memory_order_acq_rel);
        }
        one.token.release(object());
        return false;
    }

    /// What a process that is to belong to the family must be handed.
    [[nodiscard]] const platform::memory_object& object() const noexcept { return memory_.object(); }

private:
    struct alignas(64) slot {
        platform::life_token token;
        std::atomic<std::uint64_t> generation;
    };
    static_assert(sizeof(slot) == 64 && std::atomic<std::uint64_t>::is_always_lock_free);

    static constexpr int slot_shift = 1;
    static constexpr int generation_shift = 17;
    static_assert(capacity <= 1u << (generation_shift - slot_shift));

    explicit life_registry(memory::arena memory) noexcept
        : memory_(std::move(memory)), slots_(reinterpret_cast<slot*>(memory_.data())) {}

    /// The one that was handed over, in a process that was started with one; otherwise a new one.
    static memory::arena make_table() {
        constexpr std::size_t bytes = capacity * sizeof(slot);
        if (platform::started_by_self()) {
            return memory::arena(platform::memory_object(
                platform::owned_handle(platform::inherited_handle(platform::handed_over::life_registry)), bytes));
        }
        memory::arena fresh(bytes);
        for (std::uint32_t i = 0; i < capacity; ++i) {
            const std::size_t offset = i * sizeof(slot);
            (new (fresh.data() + offset) slot)->token.initialize(offset);
        }
        return fresh;
    }

    static life_registry& make_family() {
        // As for the heap: no lock that a fork could leave locked; the first to publish wins.
        std::unique_ptr<life_registry, void (*)(life_registry*)> fresh(new life_registry(make_table()),
                                                                       [](life_registry* loser) { delete loser; });
        life_registry* winner = nullptr;
        if (family_.compare_exchange_strong(winner, fresh.get(), std::memory_order_acq_rel)) {
            return *fresh.release();
        }
        return *winner;
    }

    static life_name make_name(std::uint32_t index, std::uint64_t generation) noexcept {
        return (generation << generation_shift) | (life_name{index} << slot_shift);
    }
    slot& slot_of(life_name name) noexcept { return slots_[(name >> slot_shift) & 0xffff]; }
    static std::uint64_t generation_in(life_name name) noexcept { return name >> generation_shift; }
    static std::uint64_t generation_of(const slot& one) noexcept {
        return one.generation.load(std::memory_order_acquire) & (~std::uint64_t{0} >> generation_shift);
    }

    memory::arena memory_;
    slot* slots_;
    std::atomic<std::uint32_t> last_found_{0};

    static inline constinit std::atomic<life_registry*> family_{nullptr};
    // What was handed over is taken before there are threads: it can be taken once only.
    static inline const bool taken_over_ = platform::started_by_self() && (static_cast<void>(family()), true);
};

} // namespace multiprocessing::detail
