#pragma once

#include <support/own_dev_shm.hpp>

#include <fstream>
#include <string>

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

/// \file
/// A /dev/shm of a given size, as a container has it.

namespace support {

/// In a child of the test's own, which has one thread: mounts an empty /dev/shm of that size over the system's, for this process and its
/// children. False when the system does not permit it.
[[nodiscard]] inline bool mount_small_shm(const std::string& size) {
    const auto mounted = [&] {
        return keep_mounts_private() && ::mount("tmpfs", "/dev/shm", "tmpfs", 0, ("mode=1777,size=" + size).c_str()) == 0;
    };
    if (::unshare(CLONE_NEWNS) == 0) {
        return mounted();
    }
    const ::uid_t user = ::geteuid();
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
        return false;
    }
    std::ofstream("/proc/self/uid_map") << "0 " << user << " 1\n";
    return mounted();
}

/// What a child ends with that was not permitted to do what it was made for.
inline constexpr int not_permitted = 77;

} // namespace support
