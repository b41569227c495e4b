#pragma once
#include <multiprocessing/base/language.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

/// \file
/// Which class a named object is of.

namespace multiprocessing::detail {

/// What a named object is. The numbers are part of the layout: they are never used again for anything else.
enum class named_kind : std::uint32_t {
    raw_value = 1,
    raw_array = 2,
    shared_value = 3,
    shared_array = 4,
    rlock = 5,
    lock = 6,
    event = 7,
    semaphore = 8,
    bounded_semaphore = 9,
    condition = 10,
    barrier = 11,
};

[[nodiscard]] constexpr std::string_view name_of(named_kind kind) noexcept {
    constexpr std::string_view names[]{"nothing known", "RawValue", "RawArray",  "SharedValue",      "SharedArray", "RLock",
                                       "Lock",          "Event",    "Semaphore", "BoundedSemaphore", "Condition",   "Barrier"};
    return names[static_cast<std::size_t>(kind) < std::size(names) ? static_cast<std::size_t>(kind) : 0];
}

} // namespace multiprocessing::detail
