#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace multiprocessing::platform::windows {

enum class life { held, gone, unknown };

/// A token is a kernel object with a name, made of the table's number and the token's; to hold it is to have a handle of it. The system closes
/// the handles of a process when it ends, however it ends, and the name is gone with the last of them. No child inherits it.
///
/// Interruptions: killed anywhere, a process that takes or asks loses its handles. One that asks has a handle for a moment: until it is closed,
/// another one that asks reads "held", and is told the truth one slice later.
class life_tokens {
public:
    static constexpr std::uint32_t kind = 3;

    life_tokens(native_handle home, std::uint64_t table, const std::string&) noexcept : home_(home), table_(table) {}

    [[nodiscard]] native_handle home() const noexcept { return home_; }

    [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> identity() const noexcept { return {table_, 0}; }

    void let_go() const noexcept {
        if (const native_handle last = last_.exchange(nullptr, std::memory_order_relaxed); last != nullptr) {
            ::CloseHandle(last);
        }
    }

    void forget() const noexcept {} // nothing is forked

    [[nodiscard]] bool try_take(std::uint64_t token) const {
        owned_handle mutex(::CreateMutexW(nullptr, FALSE, name_of(token).data()));
        const auto code = ::GetLastError();
        if (!mutex) {
            throw_os_error(static_cast<int>(code), "CreateMutexW", "the table of lives");
        }
        if (code == ERROR_ALREADY_EXISTS) {
            return false;
        }
        last_.store(mutex.release(), std::memory_order_relaxed); // the system closes it
        return true;
    }

    [[nodiscard]] life ask(std::uint64_t token) const noexcept {
        if (const owned_handle mutex(::OpenMutexW(SYNCHRONIZE, FALSE, name_of(token).data())); mutex) {
            return life::held;
        }
        switch (::GetLastError()) {
        case ERROR_FILE_NOT_FOUND:
            return life::gone;
        case ERROR_ACCESS_DENIED: // it is somebody's that we may not touch
            return life::held;
        default:
            return life::unknown;
        }
    }

private:
    using object_name = std::array<wchar_t, 64>;

    /// In the session's own namespace, where any process may make names.
    [[nodiscard]] object_name name_of(std::uint64_t token) const noexcept {
        object_name text{L"Local\\multiprocessing-life-"};
        std::size_t at = 0;
        while (text[at] != L'\0') {
            ++at;
        }
        const auto append = [&](std::uint64_t number) {
            for (int shift = 60; shift >= 0; shift -= 4) {
                text[at++] = L"0123456789abcdef"[number >> shift & 0xf];
            }
        };
        append(table_);
        append(token);
        return text;
    }

    native_handle home_;
    std::uint64_t table_;
    mutable std::atomic<native_handle> last_{nullptr};
};

} // namespace multiprocessing::platform::windows
