#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <cstdint>
#include <cwchar>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace multiprocessing::platform::windows {

/// Says to the child the handles it was handed: their values, which are the same in the child, in decimal and with a comma behind each.
inline constexpr std::wstring_view handed_over_variable = L"MULTIPROCESSING_HANDED_OVER";

[[nodiscard]] inline std::span<const native_handle> inherited_handles() {
    static const std::vector<native_handle> handles = [] {
        std::vector<native_handle> found;
        const std::wstring variable(handed_over_variable);
        std::wstring values(::GetEnvironmentVariableW(variable.c_str(), nullptr, 0), L'\0');
        ::GetEnvironmentVariableW(variable.c_str(), values.data(), static_cast<DWORD>(values.size()));
        const wchar_t* at = values.c_str();
        for (wchar_t* end = nullptr;; at = end + 1) {
            const unsigned long long value = std::wcstoull(at, &end, 10);
            if (end == at || *end != L',') {
                break;
            }
            const auto handle = reinterpret_cast<native_handle>(static_cast<std::uintptr_t>(value));
            ::SetHandleInformation(handle, HANDLE_FLAG_INHERIT, 0);
            found.push_back(handle);
        }
        if (!values.empty()) {
            ::_wputenv((variable + L'=').c_str()); // it is said to this process, not to those it starts
        }
        return found;
    }();
    return handles;
}

/// Before main, and so before there are threads: the environment is changed.
inline const bool handles_taken_over = (static_cast<void>(inherited_handles()), true);

} // namespace multiprocessing::platform::windows
