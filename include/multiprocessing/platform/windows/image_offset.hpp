#pragma once

#include <multiprocessing/platform/windows/windows_api.hpp>

#include <cstdint>

namespace multiprocessing::platform::windows {

[[nodiscard]] inline std::uint64_t image_offset(const void* place) noexcept {
    HMODULE image = nullptr; // its address is where it begins; asked after nullptr, the system tells that of the program
    if (place == nullptr ||
        ::GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                             static_cast<const wchar_t*>(place), &image) == 0) {
        return 0;
    }
    return reinterpret_cast<std::uintptr_t>(place) - reinterpret_cast<std::uintptr_t>(image);
}

} // namespace multiprocessing::platform::windows
