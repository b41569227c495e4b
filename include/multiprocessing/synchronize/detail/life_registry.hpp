#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/platform/life_token.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/synchronize/detail/life_name.hpp>
#include <multiprocessing/synchronize/detail/life_table_memory.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

/// \file
/// Gives every thread that uses a shared lock a name which no other thread, of any process, was ever given or will be, and
/// answers whether the bearer of a name still lives.

namespace multiprocessing::detail {

/// The protocol. A slot is a life token and a generation. A thread claims a free slot's token, moves the generation on, and is
/// from then on called (slot, generation); it holds the token until it ends.
///
/// Invariants: (1) a name is given out only by a thread that holds the token of its slot and has just moved the generation to a
/// value that it never had. (2) Whoever can claim the token of a slot knows that all names of the slot given so far are names of the dead.
/// So "alive" is: the slot's generation is still the name's, and its token cannot be claimed. Interruptions: a thread killed
/// after claiming and before moving the generation on has a name nobody has seen; one killed while it asks after somebody else holds a token
/// that the kernel lets go of, and the next asker finds the same answer. While a token is in an asker's hands for those few
/// instructions, another asker reads "alive"; it is told the truth one slice later, for each asker moves the generation on.
///
/// A family's table is inherited. That of a user, or of everybody, has a name and is found by it; it is published whole, never removed by
/// this library, and numbered at random: what is written in its names says which number it relies on, so that a table somebody did remove,
/// and another one in its place, are not taken for each other (memory/named_segment.hpp).
class life_registry {
public:
    /// So many threads can be named at once.
    static constexpr std::uint32_t capacity = 8192;

    /// The registry that this process shares with all who descend from it, or it from. Every lock is made by a process that has
    /// called this, so whoever inherits a lock has the lock's registry.
    [[nodiscard]] static life_registry& family() { return of(life_scope::family); }

    /// Throws what `platform::named_memory` throws, and LayoutError when another version of this library uses the table.
    [[nodiscard]] static life_registry& of(life_scope scope) {
        life_registry* const here = instances_[static_cast<std::size_t>(scope)].load(std::memory_order_acquire);
        return here != nullptr ? *here : make(scope);
    }

    /// Whether the bearer of a name lives. Never blocks.
    [[nodiscard]] static bool is_alive(life_name name) { return of(scope_of(name)).bearer_lives(name); }

    /// Names the calling thread. Throws `std::system_error`, resource_unavailable_try_again, when all slots are taken by
    /// living threads.
    [[nodiscard]] life_name enrol();

    /// The bearer, which is the calling thread, gives its name up.
    void resign(life_name name) noexcept;

    /// What a process that is to belong to the family must be handed.
    [[nodiscard]] platform::native_handle handle() const noexcept { return memory_.handle; }

    /// Not 0 for a table that has a name.
    [[nodiscard]] std::uint64_t number() const noexcept { return memory_.number; }

private:
    struct alignas(64) slot {
        platform::life_token token;
        std::atomic<std::uint64_t> generation;
    };
    static_assert(sizeof(slot) == 64 && std::atomic<std::uint64_t>::is_always_lock_free);
    static constexpr std::size_t table_bytes = capacity * sizeof(slot);

    static constexpr int slot_shift = 1;
    static constexpr int generation_shift = 17;
    static_assert(capacity == 1u << (14 - slot_shift));

    life_registry(life_scope scope, life_table_memory memory) noexcept
        : scope_(scope), memory_(std::move(memory)), slots_(reinterpret_cast<slot*>(memory_.slots)) {}

    static life_registry& make(life_scope scope);

    [[nodiscard]] bool bearer_lives(life_name name) noexcept;

    slot& slot_of(life_name name) noexcept { return slots_[(name >> slot_shift) & (capacity - 1)]; }
    static std::uint64_t generation_in(life_name name) noexcept { return name >> generation_shift; }
    static std::uint64_t generation_of(const slot& one) noexcept {
        return one.generation.load(std::memory_order_acquire) & (~std::uint64_t{0} >> generation_shift);
    }

    life_scope scope_;
    life_table_memory memory_;
    slot* slots_;
    std::atomic<std::uint32_t> last_found_{0};

    static std::array<std::atomic<life_registry*>, 3> instances_;
    static const bool taken_over_;
};

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/detail/life_registry.ipp>
#endif
