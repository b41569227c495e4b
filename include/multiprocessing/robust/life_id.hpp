#pragma once
#include <multiprocessing/base/language.hpp>

#include <cstdint>

/// \file
/// The id of a thread in shared memory.

namespace multiprocessing::robust {

/// Among whom an id means something, and so who may share the memory that it is written in: a process and its descendants; the unrelated programs of one
/// user; the programs that may write one object with a name.
enum class life_scope : std::uint32_t { family, user, object };

/// The id of a thread that uses shared locks, or of nobody. No id is given twice.
///
/// In memory it is 64 bits. Bit 0 is clear: the word of a lock has a flag there. Bits 1 to 13 are the slot in a registry. Bits 14 and 15 are the scope of that
/// registry. Bit 16 is clear. Bits 17 to 63 are the generation of the slot. Slot and generation 0 are nobody, of that scope. An id does not say which object's
/// registry it belongs to: that follows from the lock beside which it lies (lives_of.hpp).
class life_id {
public:
    static constexpr int slot_bits = 13;
    static constexpr int generation_bits = 47;

    /// Nobody, of the family: a word of 0.
    constexpr life_id() noexcept = default;
    /// The slot is one of 2^13, the generation one of 2^47: higher bits are cut off.
    constexpr life_id(life_scope scope, std::uint32_t slot, std::uint64_t generation) noexcept
        : bits_(static_cast<std::uint64_t>(scope) << scope_shift | (slot & ((1u << slot_bits) - 1)) << slot_shift | generation << generation_shift) {}

    [[nodiscard]] static constexpr life_id nobody(life_scope scope) noexcept { return {scope, 0, 0}; }
    /// As it was read from memory.
    [[nodiscard]] static constexpr life_id of_bits(std::uint64_t bits) noexcept {
        life_id id;
        id.bits_ = bits;
        return id;
    }

    [[nodiscard]] constexpr std::uint64_t bits() const noexcept { return bits_; }
    [[nodiscard]] constexpr life_scope scope() const noexcept {
        const std::uint64_t scope = (bits_ & scope_mask) >> scope_shift;
        return static_cast<life_scope>(scope < 2 ? scope : 2);
    }
    [[nodiscard]] constexpr std::uint32_t slot() const noexcept { return static_cast<std::uint32_t>(bits_ >> slot_shift) & ((1u << slot_bits) - 1); }
    [[nodiscard]] constexpr std::uint64_t generation() const noexcept { return bits_ >> generation_shift; }

    [[nodiscard]] constexpr bool is_nobody() const noexcept { return (bits_ & ~scope_mask) == 0; }
    /// Nobody, of the same scope.
    [[nodiscard]] constexpr life_id nobody() const noexcept { return of_bits(bits_ & scope_mask); }
    /// An id of the same slot that no thread ever gets, for its generation is 2^46 away: its thread counts as dead.
    [[nodiscard]] constexpr life_id of_nobody_living() const noexcept { return of_bits(bits_ ^ std::uint64_t{1} << 63); }

    /// Whether there is one: a word of 0 has none.
    [[nodiscard]] constexpr explicit operator bool() const noexcept { return bits_ != 0; }
    friend constexpr bool operator==(life_id, life_id) noexcept = default;

private:
    static constexpr int slot_shift = 1;
    static constexpr int scope_shift = 14;
    static constexpr int generation_shift = 17;
    static constexpr std::uint64_t scope_mask = std::uint64_t{3} << scope_shift;

    std::uint64_t bits_ = 0;
};
static_assert(sizeof(life_id) == 8);

} // namespace multiprocessing::robust
