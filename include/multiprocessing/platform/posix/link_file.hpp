#pragma once

#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/platform/os_error.hpp>

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// Gives a file that has none its name. False: the name is taken.
[[nodiscard]] inline bool link_file(int file, const std::string& path) {
    // By way of /proc: AT_EMPTY_PATH needs a privilege before Linux 6.10.
    const std::string self = "/proc/self/fd/" + std::to_string(file);
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0) {
        return true;
    }
    const bool has_no_proc = errno == ENOENT && ::access("/proc/self/fd", F_OK) != 0; // as in a chroot
    if (has_no_proc && ::linkat(file, "", AT_FDCWD, path.c_str(), AT_EMPTY_PATH) == 0) {
        return true;
    }
    if (errno != EEXIST) {
        throw_os_error(last_os_error(), "linkat", multiprocessing::detail::escaped(path) + (has_no_proc ? ", which needs /proc, and there is none here: mount it" : ""));
    }
    return false;
}

} // namespace multiprocessing::platform::posix
