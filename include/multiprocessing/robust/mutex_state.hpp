#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/robust/life_id.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

/// \file
/// The first sixteen bytes of every guarded block, as they lie in shared memory.

namespace multiprocessing::robust {

/// A mutex, and the mark of the block's redo log (redo_log.hpp). Zero bytes are a free mutex with nothing to redo. A block whose
/// object is guarded by another block's mutex uses the mark alone.
struct mutex_state {
    /// Free: life_id::nobody of the scope in whose ids it is written; 0 for an object without a name. Taken: the owner's life_id. With `somebody_waits` in bit 0.
    std::atomic<std::uint64_t> word;
    /// How often the owner has locked beyond the first time. The owner alone writes it; the heir of a dead owner sets it to 0.
    std::uint16_t depth;
    /// `owner_died`, `guards_others`, `throws_owner_died`, `not_recursive`, and in the upper half how many owners died. Changed by whole atomic
    /// operations alone.
    std::atomic<std::uint8_t> flags;
    /// Where the object is in this block: see redo_log. 0: not in this block.
    std::uint8_t layout;
    /// Not 0: a store was prepared beside the object and is still to be completed.
    std::atomic<std::uint32_t> redo;

    static constexpr std::uint64_t somebody_waits = 1;
    [[nodiscard]] static life_id owner_in(std::uint64_t word) noexcept { return life_id::of_bits(word & ~somebody_waits); }
    /// Nobody, of its scope, when it is free.
    [[nodiscard]] life_id owner(std::memory_order order = std::memory_order_relaxed) const noexcept { return owner_in(word.load(order)); }

    /// In whose ids the word is written, and all that this mutex guards. Never changes.
    [[nodiscard]] life_scope scope() const noexcept { return owner().scope(); }

    /// An owner died holding it, and nobody has called make_consistent() since.
    static constexpr std::uint8_t owner_died = 1;
    /// Objects in other blocks are guarded by this mutex, and have redo logs of their own (guarded_elsewhere.hpp).
    static constexpr std::uint8_t guards_others = 2;
    /// OwnerDiedPolicy::throw_exception. It counts only where owner_died is set.
    static constexpr std::uint8_t throws_owner_died = 4;
    /// With one of these, a thread that has just taken the mutex has more to do.
    static constexpr std::uint8_t asks_for_care = owner_died | guards_others;
    /// A Lock, not an RLock. Set once, before any other process has the block.
    static constexpr std::uint8_t not_recursive = 8;
    /// Each heir adds it: how many owners died, modulo 16. The registry counts without end how many owners of all its mutexes died
    /// (life_registry::dead_owners), so that 16 deaths of this one's are not taken for none.
    static constexpr std::uint8_t one_death = 16;
    static constexpr std::uint32_t deaths_counted = 256 / one_death;
    [[nodiscard]] std::uint32_t deaths() const noexcept { return flags.load(std::memory_order_acquire) / one_death; }

    [[nodiscard]] bool has(std::uint8_t flag) const noexcept { return (flags.load(std::memory_order_relaxed) & flag) != 0; }
};

static_assert(sizeof(mutex_state) == 16 && std::is_standard_layout_v<mutex_state>);
static_assert(offsetof(mutex_state, word) == 0 && offsetof(mutex_state, depth) == 8 &&
              offsetof(mutex_state, flags) == 10 && offsetof(mutex_state, layout) == 11 && offsetof(mutex_state, redo) == 12);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free &&
              std::atomic<std::uint8_t>::is_always_lock_free);

} // namespace multiprocessing::robust
