#pragma once

#include <cstdint>

#include <dlfcn.h>

namespace multiprocessing::platform::posix {

[[nodiscard]] inline std::uint64_t image_offset(const void* place) noexcept {
    ::Dl_info info{};
    if (::dladdr(place, &info) == 0) {
        return 0;
    }
    return static_cast<std::uint64_t>(static_cast<const char*>(place) - static_cast<const char*>(info.dli_fbase));
}

} // namespace multiprocessing::platform::posix
