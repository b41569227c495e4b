#pragma once

#include <support/descriptors.hpp>

#include <cstdio>
#include <set>
#include <string>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

/// \file
/// A /dev/shm of one's own, to see who leaves what there.

namespace support {

/// In a mount namespace of its own: what the process mounts over /dev/shm from now on is seen by nobody outside. In a chroot / is no mount, but
/// /dev/shm may be.
[[nodiscard]] inline bool keep_mounts_private() {
    return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 || ::mount(nullptr, "/dev/shm", nullptr, MS_PRIVATE, nullptr) == 0;
}

/// For the life of this object the process, and the children it makes, have an empty /dev/shm of their own, where the system allows that; else
/// they have everybody's, with what other programs do in it. To be made by a process of one thread.
class own_dev_shm {
public:
    own_dev_shm() : before_(::open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC)) {
        own_ = ::unshare(CLONE_NEWNS) == 0 && keep_mounts_private() && ::mount("none", "/dev/shm", "tmpfs", 0, nullptr) == 0;
        names_ = names_in("/dev/shm");
    }
    own_dev_shm(const own_dev_shm&) = delete;
    own_dev_shm& operator=(const own_dev_shm&) = delete;
    ~own_dev_shm() {
        if (::setns(before_, CLONE_NEWNS) != 0) {
            std::perror("back to the mounts of before");
        }
        ::close(before_);
    }

    /// Whether it is not everybody's.
    [[nodiscard]] bool is_own() const noexcept { return own_; }

    /// Whether there is something that was not there at first. Always false where /dev/shm is everybody's, and it would tell nothing.
    [[nodiscard]] bool has_something_new() const { return own_ && names_in("/dev/shm") != names_; }

private:
    int before_;
    bool own_ = false;
    std::set<std::string> names_;
};

} // namespace support
