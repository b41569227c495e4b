#pragma once

#include <multiprocessing/synchronize/detail/life_name.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

/// \file
/// The first sixteen bytes of every guarded block, as they lie in shared memory.

namespace multiprocessing::detail {

/// A lock, and the mark of the block's redo log (detail/redo_log.hpp). Zero bytes are a free lock with nothing to redo. A block whose
/// object is guarded by another block's lock uses the mark alone.
struct guard_header {
    /// 0: free (for an object with a name: nobody_of its life_scope). Else the owner's life_name, with `somebody_waits` in bit 0.
    std::atomic<std::uint64_t> word;
    /// How often the owner has locked beyond the first time. Written by the owner alone; the heir of a dead one sets it to 0.
    std::uint16_t depth;
    /// `owner_died`, `guards_others`, `throws_owner_died`, `not_recursive`, and in the upper half how many owners died. Changed by whole atomic
    /// operations alone.
    std::atomic<std::uint8_t> flags;
    /// Where the object is in this block: see redo_log. 0: not in this block.
    std::uint8_t layout;
    /// Not 0: a store was prepared beside the object and is to be completed.
    std::atomic<std::uint32_t> redo;

    static constexpr std::uint64_t somebody_waits = 1;

    /// In whose names the word is written, and all that this lock guards. Never changes.
    [[nodiscard]] life_scope scope() const noexcept { return scope_of(word.load(std::memory_order_relaxed)); }

    /// An owner died holding it, and nobody has called make_consistent() since.
    static constexpr std::uint8_t owner_died = 1;
    /// Objects in other blocks are guarded by this lock, and have redo logs of their own (detail/guarded_elsewhere.hpp).
    static constexpr std::uint8_t guards_others = 2;
    /// OwnerDiedPolicy::throw_exception. Only looked at where owner_died is set.
    static constexpr std::uint8_t throws_owner_died = 4;
    /// With one of these, whoever has just taken the lock has more to do.
    static constexpr std::uint8_t asks_for_care = owner_died | guards_others;
    /// A Lock, not an RLock. Set once, before anybody else has the block.
    static constexpr std::uint8_t not_recursive = 8;
    /// Added by each heir: how many owners died, modulo 16. How many of all locks of its registry died, the registry counts without end
    /// (life_registry::dead_owners), so that 16 of this one's are not taken for none.
    static constexpr std::uint8_t one_death = 16;
    static constexpr std::uint32_t deaths_counted = 256 / one_death;
    [[nodiscard]] std::uint32_t deaths() const noexcept { return flags.load(std::memory_order_acquire) / one_death; }
};

static_assert(sizeof(guard_header) == 16 && std::is_standard_layout_v<guard_header>);
static_assert(offsetof(guard_header, word) == 0 && offsetof(guard_header, depth) == 8 &&
              offsetof(guard_header, flags) == 10 && offsetof(guard_header, layout) == 11 && offsetof(guard_header, redo) == 12);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free &&
              std::atomic<std::uint8_t>::is_always_lock_free);

} // namespace multiprocessing::detail
