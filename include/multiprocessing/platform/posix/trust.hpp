#pragma once

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#if __has_include(<sys/auxv.h>)
#    include <sys/auxv.h>
#endif
#if __has_include(<sys/prctl.h>)
#    include <sys/prctl.h>
#endif
#if __has_include(<sys/xattr.h>)
#    include <sys/xattr.h>
#endif

namespace multiprocessing::platform::posix {

/// AT_SECURE is what the kernel said when it started the program, which `secure_getenv` goes by; it knows of capabilities and of security
/// modules. Where there is none, the ids tell: they differ after a start with a set-id bit, until the program makes them equal.
[[nodiscard]] inline bool starter_is_trusted() noexcept {
#if defined(AT_SECURE)
    if (::getauxval(AT_SECURE) != 0) {
        return false;
    }
#endif
    return ::getuid() == ::geteuid() && ::getgid() == ::getegid();
}

/// What exec will look at, and not what it said of this start. A process that root started, and that has given up root's rights since, would be
/// given them back by the bits of the file; one that a set-id bit made root, and that has become root altogether, is given nothing more.
[[nodiscard]] inline bool next_start_is_trusted(const char* self = "/proc/self/exe") noexcept {
    if (::getuid() != ::geteuid() || ::getgid() != ::getegid()) {
        return false;
    }
    struct ::stat program{};
    if (::stat(self, &program) != 0) {
        return true; // no /proc: then it cannot be started, either
    }
#if defined(PR_GET_NO_NEW_PRIVS)
    if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) {
        return true;
    }
#endif
#if defined(ST_NOSUID)
    struct ::statvfs where{};
    if (::statvfs(self, &where) == 0 && (where.f_flag & ST_NOSUID) != 0) {
        return true;
    }
#endif
    const bool other_user = (program.st_mode & S_ISUID) != 0 && program.st_uid != ::getuid();
    const bool other_group = (program.st_mode & S_ISGID) != 0 && (program.st_mode & S_IXGRP) != 0 && program.st_gid != ::getgid();
    if (other_user || other_group) {
        return false;
    }
#if __has_include(<sys/xattr.h>)
    return ::getuid() == 0 || ::getxattr(self, "security.capability", nullptr, 0) < 0;
#else
    return true;
#endif
}

} // namespace multiprocessing::platform::posix
