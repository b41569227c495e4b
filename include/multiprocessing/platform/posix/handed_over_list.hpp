#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/posix/grow_file.hpp>
#include <multiprocessing/platform/posix/process_id.hpp>
#include <multiprocessing/platform/posix/unnamed_file.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// What is handed over to a process, written down by the one that does so: who that is, and of each descriptor, which file it is. The list is a file without a name,
/// sealed, so that nobody changes it any more (read-only, where the system refuses memfds), and is handed over behind the others.
///
/// The child believes no number and no descriptor that the list does not bear out. So a variable that got into the environment by
/// accident, or was left there, makes nothing of the program's own descriptors the library's: what is open under those numbers is not sealed, or is no
/// such list, or not the list of these.
class handed_over_list {
public:
    /// Throws `std::system_error` for what is no descriptor, too.
    [[nodiscard]] static owned_handle write(std::span<const native_handle> handles) {
        unnamed_file list = unnamed_file::make("multiprocessing-list", [] { return title; });
        const auto me = static_cast<std::uint64_t>(current_process_number());
        std::vector<entry> entries{front_of(handles.size()), {me, process_start_time(current_process_number()), 0, 0}};
        for (const native_handle each : handles) {
            entry one{};
            if (!describe(each, one)) {
                throw_os_error(last_os_error(), "fcntl(F_GETFL)", "a handle for a child process");
            }
            entries.push_back(one);
        }
        const auto bytes = static_cast<::ssize_t>(entries.size() * sizeof(entry));
        const int code = grow_file([&] {
            const ::ssize_t written = ::pwrite(list.handle.get(), entries.data(), static_cast<std::size_t>(bytes), 0);
            return written == bytes ? 0 : written < 0 ? last_os_error() : ENOSPC;
        });
        if (code != 0) {
            throw_not_grown(code, "pwrite", title, bytes);
        }
        if (list.can_be_sealed) {
            if (::fcntl(list.handle.get(), F_ADD_SEALS, seals) != 0) {
                throw_os_error(last_os_error(), "fcntl(F_ADD_SEALS)", title);
            }
            return std::move(list.handle);
        }
        owned_handle reader(::open(("/proc/self/fd/" + std::to_string(list.handle.get())).c_str(), O_RDONLY | O_CLOEXEC));
        if (!reader) {
            throw_os_error(last_os_error(), "open", title);
        }
        return reader;
    }

    /// Whether `list` is one, of exactly `count` descriptors: `first`, and those behind it. Changes nothing, and takes no memory.
    [[nodiscard]] static bool is_of(native_handle list, native_handle first, int count) noexcept {
        struct ::stat about{};
        if (::fstat(list, &about) != 0 || (!is_sealed(list) && !is_unnamed_and_read_only(list, about)) ||
            about.st_size != static_cast<::off_t>(sizeof(entry)) * (::off_t{2} + count)) {
            return false;
        }
        entry written{};
        if (!read(list, 0, written) || written != front_of(static_cast<std::size_t>(count))) {
            return false;
        }
        for (int i = 0; i < count; ++i) {
            entry found{};
            if (!describe(first + i, found) || !read(list, 2 + i, written) || written != found) {
                return false;
            }
        }
        return true;
    }

    /// Whether the list was written by this process's parent, or by one that has ended since: an orphan is still whose child it was. False for what a living
    /// process wrote for another child, which has passed its descriptors and its environment on.
    [[nodiscard]] static bool is_for_this_process(native_handle list) {
        entry writer{};
        if (!read(list, 1, writer)) {
            return false;
        }
        const ::pid_t parent = ::getppid();
        const auto number = static_cast<std::int64_t>(writer.device);
        // 0: a parent in another PID namespace, where it may have any number.
        if (parent == 0 || number == parent || writer.file == 0) {
            return true;
        }
        const process_stat now = stat_of_process(number);
        return now.start_time != writer.file || now.state == 'Z' || now.state == 'X';
    }

private:
    struct entry {
        std::uint64_t device;
        std::uint64_t file;
        std::uint32_t type;
        std::uint32_t access; // the two ends of a pipe are one file
        friend bool operator==(const entry&, const entry&) = default;
    };

    /// Fails for whatever is no such file.
    [[nodiscard]] static bool is_sealed(native_handle list) noexcept {
        const int found = ::fcntl(list, F_GET_SEALS);
        return found >= 0 && (found & seals) == seals;
    }
    /// What is written where there are no memfds.
    [[nodiscard]] static bool is_unnamed_and_read_only(native_handle list, const struct ::stat& about) noexcept {
        return S_ISREG(about.st_mode) && about.st_nlink == 0 && about.st_uid == ::geteuid() && (::fcntl(list, F_GETFL) & O_ACCMODE) == O_RDONLY;
    }

    static constexpr int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
    static constexpr const char* title = "the list of what a child process is handed";

    [[nodiscard]] static entry front_of(std::size_t count) noexcept {
        constexpr std::uint64_t magic = 0x326e6576'69672d70; // "p-given2"
        return {magic, count, sizeof(entry), 0};
    }

    [[nodiscard]] static bool describe(native_handle handle, entry& one) noexcept {
        struct ::stat about{};
        const int flags = ::fcntl(handle, F_GETFL);
        if (flags < 0 || ::fstat(handle, &about) != 0) {
            return false;
        }
        one = {about.st_dev, about.st_ino, about.st_mode & S_IFMT, static_cast<std::uint32_t>(flags & O_ACCMODE)};
        return true;
    }

    [[nodiscard]] static bool read(native_handle list, int index, entry& one) noexcept {
        return ::pread(list, &one, sizeof(one), static_cast<::off_t>(sizeof(one)) * index) == static_cast<::ssize_t>(sizeof(one));
    }
};

} // namespace multiprocessing::platform::posix
