#pragma once

#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <cstdint>

#include <ntsecapi.h>

namespace multiprocessing::platform::windows {

[[nodiscard]] inline std::uint64_t random_number() {
    std::uint64_t bits = 0;
    if (::RtlGenRandom(&bits, sizeof(bits)) == 0) {
        throw_os_error(last_os_error(), "RtlGenRandom", "a random number");
    }
    return bits;
}

} // namespace multiprocessing::platform::windows
