#pragma once

#include <multiprocessing/platform/native_handle.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// Whether /proc/locks (proc(5)), the list of all locks on files, has one for writing on that byte of that file. For who has no descriptor of
/// the file any more.
///
/// Nothing when the list cannot be read, or not in one piece: what is locked and unlocked between two reads may hide a lock that was there all the
/// time. A read ends where the next entry, a lock with all who wait for it, does not fit, however little it has given: the piece is whole if
/// another read has nothing more. A lock that somebody takes between the two is more, too: so the list is then read again. An empty list is none:
/// where this is asked, somebody has a lock at least (this process's own token).
[[nodiscard]] inline std::optional<bool> is_in_list_of_locks(::dev_t device, ::ino_t file, std::uint64_t byte) noexcept {
    constexpr std::size_t page = 4096; // the smallest that there is
    constexpr std::size_t longest_line = 160;
    char text[page + 1];
    ::ssize_t length = -1;
    bool is_whole = false;
    for (int tries = 0; tries < 100 && !is_whole; ++tries) {
        const owned_handle list(::open("/proc/locks", O_RDONLY | O_CLOEXEC));
        length = list ? ::read(list.get(), text, page) : -1;
        if (length <= 0 || static_cast<std::size_t>(length) > page - longest_line) {
            return std::nullopt;
        }
        char more = 0;
        is_whole = ::read(list.get(), &more, 1) == 0;
    }
    if (!is_whole) {
        return std::nullopt;
    }
    text[length] = '\0';
    for (const char* line = text; *line != '\0';) { // `3: OFDLCK ADVISORY  WRITE -1 00:01:1027 5 5`
        unsigned major = 0;
        unsigned minor = 0;
        unsigned long long number = 0;
        unsigned long long first = 0;
        unsigned long long last = 0;
        if (std::sscanf(line, "%*u: %*[A-Z] %*[A-Z] WRITE %*d %x:%x:%llu %llu %llu", &major, &minor, &number, &first, &last) == 5 &&
            major == ::major(device) && minor == ::minor(device) && number == file && first <= byte && byte <= last) {
            return true;
        }
        while (*line != '\0' && *line++ != '\n') {
        }
    }
    return false;
}

} // namespace multiprocessing::platform::posix
