#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <cstdint>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/random_number.hpp>
#else
#    include <multiprocessing/platform/posix/random_number.hpp>
#endif

/// \file
/// A number that nobody else was given: 64 bits from the system's source of randomness. Throws `std::system_error` when the system has none.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::random_number;
#else
using posix::random_number;
#endif

static_assert(requires {
    { random_number() } -> std::same_as<std::uint64_t>;
});

} // namespace multiprocessing::platform
