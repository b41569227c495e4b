#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/windows/native_calls.hpp>

#include <cstddef>
#include <cstdint>
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

    [[nodiscard]] std::size_t hash() const noexcept {
        std::uint64_t hash = 0xcbf29ce484222325u; // FNV-1a: that of the standard library is not the same in all programs
        for (const wchar_t each : name_) {
            hash = (hash ^ each) * 0x100000001b3u;
        }
        return static_cast<std::size_t>(hash);
    }

private:
    memory_identity() = default;

    std::wstring name_;
};

} // namespace multiprocessing::platform::windows
