#pragma once

#include <cstdint>

/// \file
/// What a thread is called in shared memory.

namespace multiprocessing::detail {

/// Among whom a name means something, and so who may share what it is written in: a process and its descendants; the unrelated programs of one
/// user; those who may write one object with a name.
enum class life_scope : std::uint32_t { family, user, object };

/// A thread's name: the number of its slot in a registry (13 bits from bit 1 on), whose registry that is (2 bits from bit 14 on), and the slot's
/// generation (47 bits from bit 17 on). Bit 0 is always clear: locks keep a flag there. Slot and generation 0 are nobody. Which object's registry it is,
/// a name does not say: it means something beside the lock that it was read from (lives_of.hpp).
using life_name = std::uint64_t;

/// Nobody, in a registry of that kind. 0 for the family's.
[[nodiscard]] constexpr life_name nobody_of(life_scope scope) noexcept { return life_name{static_cast<std::uint32_t>(scope)} << 14; }
[[nodiscard]] constexpr life_name nobody_like(life_name name) noexcept { return name & (life_name{3} << 14); }
[[nodiscard]] constexpr bool is_nobody(life_name name) noexcept { return name == nobody_like(name); }

/// A name of the same slot that nobody ever has: of a generation that is 2^46 away. Whoever is asked finds its bearer dead.
[[nodiscard]] constexpr life_name of_nobody_living(life_name name) noexcept { return name ^ life_name{1} << 63; }

[[nodiscard]] constexpr life_scope scope_of(life_name name) noexcept {
    const life_name scope = nobody_like(name) >> 14;
    return static_cast<life_scope>(scope < 2 ? scope : 2);
}

} // namespace multiprocessing::detail
