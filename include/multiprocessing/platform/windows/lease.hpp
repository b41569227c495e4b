#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <utility>

namespace multiprocessing::platform::windows {

/// A pipe nobody ever writes to. Neither end is inheritable: a child has the holding end because it is handed over.
class lease {
public:
    [[nodiscard]] static lease open() noexcept {
        lease one;
        HANDLE watching = nullptr;
        HANDLE holding = nullptr;
        if (::CreatePipe(&watching, &holding, nullptr, 0) != 0) {
            one.watching_.reset(watching);
            one.holding_.reset(holding);
        }
        return one;
    }

    void seal() noexcept {
        holding_.reset();
        sealed_ = true;
    }

    [[nodiscard]] bool sealed() const noexcept { return sealed_; }

    [[nodiscard]] native_handle holding() const noexcept { return holding_.get(); }

    /// To write nothing fails when nobody can read it.
    [[nodiscard]] static bool is_watched(const owned_handle& holding) noexcept {
        DWORD written = 0;
        return ::WriteFile(holding.get(), "", 0, &written, nullptr) != 0 || ::GetLastError() != ERROR_NO_DATA;
    }

    [[nodiscard]] bool expired() const noexcept {
        if (!sealed_ || !watching_) {
            return false;
        }
        return ::PeekNamedPipe(watching_.get(), nullptr, 0, nullptr, nullptr, nullptr) == 0 &&
               ::GetLastError() == ERROR_BROKEN_PIPE;
    }

    [[nodiscard]] owned_handle abandon() noexcept {
        watching_.reset();
        return std::move(holding_);
    }

private:
    owned_handle watching_;
    owned_handle holding_;
    bool sealed_ = false;
};

} // namespace multiprocessing::platform::windows
