#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/posix/shm_folder.hpp>

#include <cerrno>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>

namespace multiprocessing::platform::posix {

/// A file in memory that nobody can find. `can_be_sealed`: it is a memfd. Where the system refuses these (a seccomp filter, a sandbox) it is a file without
/// a name in /dev/shm, whose size is bounded by that of /dev/shm.
struct unnamed_file {
    static constexpr const char* for_want_of_memfd = ", in /dev/shm, for want of memfd_create, which this system refuses";

    owned_handle handle;
    bool can_be_sealed;

    /// `label` shows in /proc/PID/maps. Throws `std::system_error`, which names `what()`, a text.
    template <class What>
    [[nodiscard]] static unnamed_file make(const char* label, What what) {
        owned_handle file(open_by([&] { return ::memfd_create(label, MFD_CLOEXEC | MFD_ALLOW_SEALING); }));
        if (file) {
            return {std::move(file), true};
        }
        const int code = last_os_error();
        if (code != ENOSYS && code != EPERM && code != EACCES) { // as who refuses a call altogether answers
            throw_os_error(code, "memfd_create", what());
        }
        file.reset(open_by([] { return ::open(shm_folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }));
        if (!file) {
            throw_os_error(last_os_error(), "open(O_TMPFILE)", std::string(what()) + for_want_of_memfd);
        }
        return {std::move(file), false};
    }
};

} // namespace multiprocessing::platform::posix
