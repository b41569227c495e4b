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
using windows::handle_mark;
using windows::invalid_native_handle;
using windows::native_handle;
using windows::off_standard_streams;
#else
using posix::close_native_handle;
using posix::handle_mark;
using posix::invalid_native_handle;
using posix::native_handle;
using posix::off_standard_streams;
#endif

/// Owns one native handle: a descriptor on POSIX, a HANDLE on Windows. None is inherited by a program that is
/// executed unless it is handed over by name (POSIX: close-on-exec; Windows: not inheritable). POSIX: none is 0, 1 or 2: whoever takes over one of these
/// has another descriptor of the same file, or none, with `errno` set, when there is none left. What the program has closed behind the owner's back is not
/// closed again: its number may be that of a file of the program's.
class owned_handle {
public:
    owned_handle() noexcept = default;
    /// Takes it over.
    explicit owned_handle(native_handle handle) noexcept : handle_(off_standard_streams(handle)), mark_(handle_) {}
    /// Takes over one that is not 0, 1 or 2, and known already.
    owned_handle(native_handle handle, const handle_mark& mark) noexcept : handle_(handle), mark_(mark) {}
    /// Takes over what the other one owned.
    owned_handle(owned_handle&& other) noexcept : handle_(other.release()), mark_(other.mark_) {}
    /// Closes its own first.
    owned_handle& operator=(owned_handle&& other) noexcept {
        if (this != &other) {
            close();
            handle_ = other.release();
            mark_ = other.mark_;
        }
        return *this;
    }
    ~owned_handle() { close(); }

    /// It stays owned.
    [[nodiscard]] native_handle get() const noexcept { return handle_; }
    /// Whether it owns one.
    [[nodiscard]] explicit operator bool() const noexcept { return handle_ != invalid_native_handle; }

    /// Whether it owns one, and the program has not closed it.
    [[nodiscard]] bool is_whole() const noexcept { return handle_ != invalid_native_handle && mark_.is_of(handle_); }

    /// Gives it away, and owns none.
    [[nodiscard]] native_handle release() noexcept { return std::exchange(handle_, invalid_native_handle); }

    /// Closes what it owns, and owns `handle`.
    void reset(native_handle handle = invalid_native_handle) noexcept {
        close();
        handle_ = off_standard_streams(handle);
        mark_ = handle_mark(handle_);
    }

private:
    void close() noexcept {
        if (is_whole()) {
            close_native_handle(handle_);
        }
        handle_ = invalid_native_handle;
    }

    native_handle handle_ = invalid_native_handle;
    handle_mark mark_;
};

static_assert(std::movable<owned_handle> && !std::copyable<owned_handle>);

} // namespace multiprocessing::platform
