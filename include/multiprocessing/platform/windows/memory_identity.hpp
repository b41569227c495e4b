#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/windows/native_calls.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace multiprocessing::platform::windows {

class memory_identity {
public:
    [[nodiscard]] static std::optional<memory_identity> of(native_handle handle) {
        std::wstring name = name_of_object(handle, "shared memory");
        if (name.empty()) {
            return std::nullopt;
        }
        memory_identity one;
        one.name_ = std::move(name);
        return one;
    }

    friend bool operator==(const memory_identity&, const memory_identity&) = default;

    [[nodiscard]] std::size_t hash() const noexcept { return std::hash<std::wstring>()(name_); }
    [[nodiscard]] std::string text() const {
        std::string narrow;
        for (const wchar_t each : name_) {
            narrow += each < 128 ? static_cast<char>(each) : '?'; // ours are ASCII
        }
        return narrow;
    }

private:
    memory_identity() = default;

    std::wstring name_;
};

} // namespace multiprocessing::platform::windows
