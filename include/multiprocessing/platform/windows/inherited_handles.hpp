#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/windows/native_calls.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace multiprocessing::platform::windows {

/// Says to the child who hands something over, by number and with a colon behind it, and the handles: their values, which are the same in the child, in
/// decimal and with a comma behind each.
inline constexpr std::wstring_view handed_over_variable = L"MULTIPROCESSING_HANDED_OVER";

/// What the variable says, all of it or nothing: this process's parent, or it was said to another process, which has passed it on; and numbers as start_self writes them, each of a handle that is open here, and none of them twice. (A
/// handle's value is a multiple of 4, and has 31 bits: what differs would be another spelling of one, or mean this process or this thread.)
[[nodiscard]] inline std::vector<native_handle> handles_that_are_told(std::wstring_view text, std::uint64_t parent) {
    const std::wstring from_parent = std::to_wstring(parent) + L':';
    if (!text.starts_with(from_parent)) {
        return {};
    }
    text.remove_prefix(from_parent.size());
    std::vector<native_handle> found;
    std::uint64_t value = 0;
    bool begun = false;
    for (const wchar_t each : text) {
        if (each >= L'0' && each <= L'9' && (value != 0 || !begun)) {
            value = 10 * value + static_cast<std::uint64_t>(each - L'0');
            begun = true;
        } else if (each != L',' || value == 0) {
            return {};
        } else {
            const auto handle = reinterpret_cast<native_handle>(static_cast<std::uintptr_t>(value));
            DWORD flags = 0;
            if (value % 4 != 0 || ::GetHandleInformation(handle, &flags) == 0 || std::find(found.begin(), found.end(), handle) != found.end()) {
                return {};
            }
            found.push_back(handle);
            value = 0;
            begun = false;
        }
        if (value > 0x7fff'ffff) {
            return {};
        }
    }
    return begun ? std::vector<native_handle>() : found;
}

/// Anybody can put the variable there. What is not believed changes no handle, and throws nothing.
struct handed_over_to_process {
    static constexpr const char* name = "handed over";
    static constexpr fork_turn turn = fork_turn::others;

    std::vector<native_handle> handles;
    bool was_asked = false;

    /// The first copy of the library that is loaded asks, before main.
    [[nodiscard]] static const std::vector<native_handle>& get() {
        auto& here = one_per_process<handed_over_to_process>();
        if (!here.was_asked) {
            here.was_asked = true;
            here.ask();
        }
        return here.handles;
    }

private:
    void ask() {
        const std::wstring variable(handed_over_variable);
        std::wstring values(::GetEnvironmentVariableW(variable.c_str(), nullptr, 0), L'\0');
        ::GetEnvironmentVariableW(variable.c_str(), values.data(), static_cast<DWORD>(values.size()));
        handles = handles_that_are_told(values.c_str(), number_of_parent());
        for (const native_handle each : handles) {
            ::SetHandleInformation(each, HANDLE_FLAG_INHERIT, 0);
        }
        if (!values.empty()) {
            ::_wputenv((variable + L'=').c_str()); // it is said to this process, not to those it starts
        }
    }
};

/// A copy of the library that may not have the state leaves it to the other one.
[[nodiscard]] inline std::span<const native_handle> inherited_handles() {
    return try_one_per_process<handed_over_to_process>() ? handed_over_to_process::get() : std::span<const native_handle>();
}

/// Before main, and so before there are threads: the environment is changed.
inline const bool handles_taken_over = (static_cast<void>(inherited_handles()), true);

} // namespace multiprocessing::platform::windows
