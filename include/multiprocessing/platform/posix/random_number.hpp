#pragma once

#include <multiprocessing/platform/os_error.hpp>

#include <cstdint>

#include <sys/random.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

[[nodiscard]] inline std::uint64_t random_number() {
    std::uint64_t bits = 0;
    if (::getentropy(&bits, sizeof(bits)) != 0) {
        throw_os_error(last_os_error(), "getentropy", "a random number");
    }
    return bits;
}

} // namespace multiprocessing::platform::posix
