#pragma once

#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/platform/os_error.hpp>

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

[[nodiscard]] inline bool is_named(const std::string& path, const struct ::stat& file) noexcept {
    struct ::stat named{};
    return ::lstat(path.c_str(), &named) == 0 && file.st_ino == named.st_ino && file.st_dev == named.st_dev;
}

/// Never replaces anything. False when there is nothing to move, or the name is taken.
[[nodiscard]] inline bool move_to(const std::string& from, const std::string& to) {
    constexpr unsigned no_replace = 1; // RENAME_NOREPLACE
    if (::syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), no_replace) == 0) {
        return true;
    }
    if (errno != ENOENT && errno != EEXIST) {
        throw_os_error(last_os_error(), "renameat2", multiprocessing::detail::escaped(from));
    }
    return false;
}

/// Removes the path if it is that file's, without a lock: of root, where the lock of another user's memory is not to be had. Whoever could make
/// root wait for it would stop root.
///
/// Without the lock the name may be given to other memory between a look and a removal. So what has the name is first moved aside, in one step,
/// and looked at then: under the new name, which nobody else knows, and none but its owner and root may touch in this sticky folder, it stays what it
/// is, or is what its owner put there. If it is not that file, it gets its name back, unless this was given to a third one meanwhile, which no step
/// replaces. So the name of other memory is never removed; it is missing for a moment, if it was given in just that one.
/// Interruption: killed in between, what was moved stays under the new name, where it is seen (`list`, mpshm).
[[nodiscard]] inline bool unlink_aside(const std::string& path, const std::string& aside, const struct ::stat& file) {
    if (!is_named(path, file) || !move_to(path, aside)) {
        return false;
    }
    if (is_named(aside, file)) {
        return ::unlink(aside.c_str()) == 0;
    }
    static_cast<void>(move_to(aside, path));
    return false;
}

} // namespace multiprocessing::platform::posix
