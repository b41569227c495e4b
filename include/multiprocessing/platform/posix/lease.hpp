#pragma once

#include <multiprocessing/platform/native_handle.hpp>

#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// A pipe nobody ever writes to. Its ends are close-on-exec: a child that executes another program maps nothing of ours
/// any more, so its lease ends there.
class lease {
public:
    [[nodiscard]] static lease open() noexcept {
        lease one;
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) == 0) {
            one.watching_.reset(ends[0]);
            one.holding_.reset(ends[1]);
        }
        return one;
    }

    void seal() noexcept {
        holding_.reset();
        sealed_ = true;
    }

    [[nodiscard]] bool sealed() const noexcept { return sealed_; }

    [[nodiscard]] bool expired() const noexcept {
        if (!sealed_ || !watching_.is_whole()) {
            return false;
        }
        ::pollfd ask{watching_.get(), POLLIN, 0};
        return ::poll(&ask, 1, 0) == 1 && (ask.revents & POLLHUP) != 0;
    }

    [[nodiscard]] native_handle holding() const noexcept { return holding_.is_whole() ? holding_.get() : invalid_native_handle; }

    [[nodiscard]] static bool is_watched(const owned_handle& holding) noexcept {
        ::pollfd ask{holding.get(), 0, 0};
        return ::poll(&ask, 1, 0) != 1 || (ask.revents & POLLERR) == 0;
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

} // namespace multiprocessing::platform::posix
