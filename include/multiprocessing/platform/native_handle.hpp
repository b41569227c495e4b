#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <utility>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/native_handle.hpp>
#else
#    include <multiprocessing/platform/posix/native_handle.hpp>
#endif

/// \file
/// What the system names its objects by, and an owner that closes it.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::close_native_handle;
using windows::invalid_native_handle;
using windows::native_handle;
using windows::off_standard_streams;
#else
using posix::close_native_handle;
using posix::invalid_native_handle;
using posix::native_handle;
using posix::off_standard_streams;
#endif

/// Owns one native handle: a descriptor on POSIX, a HANDLE on Windows. None is inherited by a program that is
/// executed unless it is handed over by name (POSIX: close-on-exec; Windows: not inheritable). POSIX: none is 0, 1 or 2: whoever takes over one of these
/// has another descriptor of the same file, or none, with `errno` set, when there is none left.
class owned_handle {
public:
    owned_handle() noexcept = default;
    /// Takes it over.
    explicit owned_handle(native_handle handle) noexcept : handle_(off_standard_streams(handle)) {}
    /// Takes over what the other one owned.
    owned_handle(owned_handle&& other) noexcept : handle_(other.release()) {}
    /// Closes its own first.
    owned_handle& operator=(owned_handle&& other) noexcept {
        if (this != &other) {
            reset(other.release());
        }
        return *this;
    }
    ~owned_handle() { reset(); }

    /// It stays owned.
    [[nodiscard]] native_handle get() const noexcept { return handle_; }
    /// Whether it owns one.
    [[nodiscard]] explicit operator bool() const noexcept { return handle_ != invalid_native_handle; }

    /// Gives it away, and owns none.
    [[nodiscard]] native_handle release() noexcept { return std::exchange(handle_, invalid_native_handle); }

    /// Closes what it owns, and owns `handle`.
    void reset(native_handle handle = invalid_native_handle) noexcept {
        const native_handle old = std::exchange(handle_, off_standard_streams(handle));
        if (old != invalid_native_handle) {
            close_native_handle(old);
        }
    }

private:
    native_handle handle_ = invalid_native_handle;
};

static_assert(std::movable<owned_handle> && !std::copyable<owned_handle>);

} // namespace multiprocessing::platform
