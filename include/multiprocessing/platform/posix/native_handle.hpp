#pragma once

#include <multiprocessing/platform/posix/kept_files.hpp>

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

using native_handle = int;

inline constexpr native_handle invalid_native_handle = -1;

/// Closes a descriptor, unless that would take record locks away from this process. An interrupted close has closed it (Linux), so there is nothing to
/// repeat.
inline void close_native_handle(native_handle handle) noexcept { kept_files::close(handle); }

/// Which file a descriptor was of when the library got it. A program may close descriptors that it did not open, and is then given their numbers for files of
/// its own. (Descriptors of processes are all of one file before Linux 6.9; what is asked by them is asked again by the process's number.)
class handle_mark {
public:
    handle_mark() noexcept = default;
    explicit handle_mark(native_handle handle) noexcept {
        struct ::stat about{};
        if (handle != invalid_native_handle && ::fstat(handle, &about) == 0) {
            device_ = about.st_dev;
            file_ = about.st_ino;
        }
    }

    explicit handle_mark(const struct ::stat& about) noexcept : device_(about.st_dev), file_(about.st_ino) {}

    /// Whether the number is of that file still; true where the system does not say.
    [[nodiscard]] bool is_of(native_handle handle) const noexcept {
        struct ::stat about{};
        if (::fstat(handle, &about) != 0) {
            return errno != EBADF;
        }
        return file_ == 0 || (about.st_dev == device_ && about.st_ino == file_);
    }

private:
    ::dev_t device_ = 0;
    ::ino_t file_ = 0;
};

/// A program that has closed a standard stream is given its number for the next file that is opened, and what it then prints, or another thread prints,
/// lands in that file. So what the library could write to is opened with those numbers taken, by what nobody can write to. As long as this lives, none of
/// them is free, unless there is no descriptor left at all.
class taken_standard_numbers {
public:
    taken_standard_numbers() noexcept {
        for (int& each : own_) {
            const int number = static_cast<int>(&each - own_);
            if (::fcntl(number, F_GETFD) == -1 && errno == EBADF) [[unlikely]] {
                each = ::open("/", O_PATH | O_CLOEXEC);
            }
        }
    }
    taken_standard_numbers(const taken_standard_numbers&) = delete;
    taken_standard_numbers& operator=(const taken_standard_numbers&) = delete;
    ~taken_standard_numbers() {
        for (const int each : own_) {
            if (each != invalid_native_handle) {
                ::close(each);
            }
        }
    }

private:
    int own_[STDERR_FILENO + 1] = {-1, -1, -1};
};

/// What `call` opens, by a number above those of the standard streams.
template <class Call>
[[nodiscard]] native_handle open_by(Call call) noexcept {
    const taken_standard_numbers none_of_these;
    return call();
}

/// What an owner takes over, of what cannot be written to, and so need not be opened by `open_by`: the same file by a number above those of the standard
/// streams. Invalid, as `errno` says, when there is no such number left; the descriptor is closed then.
[[nodiscard]] inline native_handle off_standard_streams(native_handle handle) noexcept {
    if (handle == invalid_native_handle || handle > STDERR_FILENO) [[likely]] {
        return handle;
    }
    const native_handle other = ::fcntl(handle, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int code = errno == EINVAL ? EMFILE : errno; // EINVAL: the limit is so low that there is no such number at all
    close_native_handle(handle);
    errno = code;
    return other;
}

} // namespace multiprocessing::platform::posix
