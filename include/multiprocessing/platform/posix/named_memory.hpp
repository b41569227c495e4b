#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/posix/grow_file.hpp>
#include <multiprocessing/platform/posix/kept_files.hpp>
#include <multiprocessing/platform/posix/link_file.hpp>
#include <multiprocessing/platform/posix/memory_identity.hpp>
#include <multiprocessing/platform/posix/memory_object.hpp>
#include <multiprocessing/platform/posix/random_number.hpp>
#include <multiprocessing/platform/posix/removal_lock.hpp>
#include <multiprocessing/platform/posix/reserve_pages.hpp>
#include <multiprocessing/platform/posix/shm_folder.hpp>
#include <multiprocessing/platform/posix/unlink_aside.hpp>

#include <algorithm>
#include <cerrno>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

enum class hold { no, yes };

inline constexpr bool names_stay = true;

/// A file in /dev/shm, as `shm_open` has it.
///
/// The protocol of making one: a file without any name (O_TMPFILE), its pages, its content, and then the name, by one `link`, which
/// fails when the name is taken. Invariant: what has a name is finished.
/// Interruptions: killed before the `link` has returned to user space, either the kernel did not get to it, and the file is gone with its last
/// descriptor and mapping; or it did, and the file stands, finished.
class named_memory {
public:
    [[nodiscard]] static std::optional<named_memory> create(const std::string& name, std::size_t bytes, std::uint32_t mode) {
        return create(name, bytes, mode, [](std::byte*) {});
    }

    template <class Fill>
    [[nodiscard]] static std::optional<named_memory> create(const std::string& name, std::size_t bytes, std::uint32_t mode,
                                                            Fill&& fill, hold held = hold::no) {
        return create(name, bytes, mode, std::forward<Fill>(fill), [&](native_handle file) {
            if (held == hold::yes) {
                lock(file, LOCK_SH, title_of(name));
            }
        });
    }

    /// Of POSIX alone: the same, and calls `before_named(descriptor)` just before the name is given.
    template <class Fill, class BeforeNamed>
        requires std::invocable<BeforeNamed, native_handle>
    [[nodiscard]] static std::optional<named_memory> create(const std::string& name, std::size_t bytes, std::uint32_t mode,
                                                            Fill&& fill, BeforeNamed&& before_named) {
        const std::string path = path_of(name);
        named_memory memory(make_unnamed(name, bytes, mode), bytes, access::read_write);
        memory.identity_ = memory_identity::of(memory.handle());
        memory.mode_ = mode;
        std::forward<Fill>(fill)(memory.data());
        std::forward<BeforeNamed>(before_named)(memory.handle());
        if (!link_file(memory.handle(), path)) {
            return std::nullopt;
        }
        return memory;
    }

    [[nodiscard]] static std::optional<named_memory> open(const std::string& name, access how) {
        const std::string path = path_of(name);
        // Not blocking: a pipe that somebody put there must not hold us up. It means nothing to a regular file.
        const int flags = (how == access::read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
        native_handle opened = kept_files::take_back(path.c_str(), flags & O_ACCMODE); // else each opening would put one more aside
        if (opened == invalid_native_handle) {
            opened = open_by([&] { return ::open(path.c_str(), flags); });
        }
        if (opened == invalid_native_handle) {
            if (errno == ENOENT) {
                return std::nullopt;
            }
            throw_os_error(last_os_error(), "open", title_of(name));
        }
        struct ::stat about{}; // one question for all that is to be known
        const int code = ::fstat(opened, &about) != 0 ? last_os_error() : 0;
        owned_handle file(opened, code == 0 ? handle_mark(about) : handle_mark());
        if (code != 0) {
            throw_os_error(code, "fstat", title_of(name));
        }
        if (!S_ISREG(about.st_mode)) {
            throw_os_error(EINVAL, "open", title_of(name) + ", which is no memory but a file of another kind");
        }
        if (about.st_size == 0) {
            return std::nullopt; // by another library (CPython): made, and not yet given its size
        }
        named_memory memory(std::move(file), static_cast<std::size_t>(about.st_size), how);
        memory.identity_ = memory_identity(about);
        memory.mode_ = about.st_mode & 07777;
        // Nor is it when it has a second name: who may write one object may have given it the name of another one.
        memory.is_of_this_user_ = about.st_uid == ::geteuid() && about.st_nlink <= 1;
        return memory;
    }

    static bool unlink(const std::string& name) {
        if (::unlink(path_of(name).c_str()) == 0) {
            return true;
        }
        if (errno != ENOENT) {
            throw_os_error(last_os_error(), "unlink", title_of(name));
        }
        return false;
    }

    [[nodiscard]] bool unlink_if_named(const std::string& name) const { return unlink_if_named(name, deadline_after(removal_lock::patience)); }

    [[nodiscard]] bool unlink_if_named(const std::string& name, deadline until) const {
        struct ::stat mine{};
        if (::fstat(handle(), &mine) != 0) {
            throw_os_error(last_os_error(), "fstat", title_of(name));
        }
        constexpr std::chrono::milliseconds for_another_user{10}; // more than a removal takes
        const bool is_own = mine.st_uid == ::geteuid();
        // One at a time, or the name could be removed, and given to another, between the look and the removal.
        const removal_lock turn(mine.st_uid, title_of(name), is_own ? until : (std::min)(until, deadline_after(for_another_user)));
        if (turn.is_held()) {
            return is_named(path_of(name), mine) && unlink(name);
        }
        if (!is_own) {
            return unlink_aside(path_of(name), path_of("mp.removed-" + std::to_string(random_number())), mine);
        }
        throw_os_error(ETIMEDOUT, "unlink",
                       title_of(name) + ": its turn did not come, because of " + turn.in_the_way() +
                           " all the time. Look what that process does, which may be stopped; then try again, or collect() will");
    }

    [[nodiscard]] static std::string user() { return std::to_string(::geteuid()); }

    [[nodiscard]] static std::string place_of(const std::string& name) { return path_of(name); }

    /// Of POSIX alone: removes the name if it is that file's, and nothing otherwise. Takes no memory and no lock.
    static void unlink_if(const char* name, std::uint64_t device, std::uint64_t file) noexcept {
        char path[512] = "/dev/shm/";
        std::memcpy(path + std::strlen(path), name, ::strnlen(name, 255));
        struct ::stat about{};
        if (::lstat(path, &about) == 0 && about.st_dev == device && about.st_ino == file) {
            ::unlink(path);
        }
    }

    [[nodiscard]] static bool exists(const std::string& name) {
        struct ::stat about{};
        return is_there(name, about) && S_ISREG(about.st_mode);
    }

    [[nodiscard]] static bool is_empty(const std::string& name) {
        struct ::stat about{};
        return is_there(name, about) && S_ISREG(about.st_mode) && about.st_size == 0;
    }

    [[nodiscard]] static std::vector<std::string> list(std::string_view prefix) {
        return list_if(prefix, [](unsigned char type) { return type == DT_REG; });
    }

    [[nodiscard]] static std::vector<std::string> list_others(std::string_view prefix) {
        return list_if(prefix, [](unsigned char type) { return type != DT_REG; });
    }

    [[nodiscard]] bool read(std::size_t offset, std::span<std::byte> bytes) const {
        while (!bytes.empty()) {
            const ::ssize_t got = ::pread(handle(), bytes.data(), bytes.size(), static_cast<::off_t>(offset));
            if (got > 0) {
                offset += static_cast<std::size_t>(got);
                bytes = bytes.subspan(static_cast<std::size_t>(got));
            } else if (got == 0) {
                return false;
            } else if (errno != EINTR) {
                throw_os_error(last_os_error(), "pread", "shared memory");
            }
        }
        return true;
    }

    [[nodiscard]] std::byte* data() const noexcept { return mapping_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return mapping_.size(); }
    [[nodiscard]] const std::optional<memory_identity>& identity() const noexcept { return identity_; }
    [[nodiscard]] std::uint32_t mode() const noexcept { return mode_; }
    [[nodiscard]] bool is_of_this_user() const noexcept { return is_of_this_user_; }
    [[nodiscard]] const memory_object& object() const& noexcept { return object_; }
    [[nodiscard]] memory_object object() && noexcept { return std::move(object_); }
    [[nodiscard]] native_handle handle() const noexcept { return object_.handle(); }

    [[nodiscard]] bool is_held() const noexcept {
        if (::flock(handle(), LOCK_EX | LOCK_NB) != 0) {
            return true;
        }
        ::flock(handle(), LOCK_UN);
        return false;
    }

private:
    static constexpr const char* folder = shm_folder;

    template <class Wanted>
    [[nodiscard]] static std::vector<std::string> list_if(std::string_view prefix, Wanted is_wanted) {
        const std::unique_ptr<::DIR, int (*)(::DIR*)> all(::opendir(folder), ::closedir);
        if (!all) {
            throw_os_error(last_os_error(), "opendir", folder);
        }
        std::vector<std::string> names;
        while (const ::dirent* const each = ::readdir(all.get())) {
            const std::string_view name = each->d_name;
            if (is_wanted(each->d_type) && name.starts_with(prefix)) {
                names.emplace_back(name);
            }
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    named_memory(owned_handle file, std::size_t bytes, access how) : object_(std::move(file), bytes), mapping_(object_, bytes, how) {}

    [[nodiscard]] static bool is_there(const std::string& name, struct ::stat& about) {
        if (::lstat(path_of(name).c_str(), &about) == 0) {
            return true;
        }
        if (errno != ENOENT) {
            throw_os_error(last_os_error(), "lstat", title_of(name));
        }
        return false;
    }

    [[nodiscard]] static std::string title_of(const std::string& name) { return "shared memory \"" + multiprocessing::detail::escaped(name) + "\""; }

    [[nodiscard]] static std::string path_of(const std::string& name) {
        if (name.empty() || name.size() > 255 || name == "." || name == ".." ||
            name.find_first_of(std::string_view("/\0", 2)) != std::string::npos) {
            throw std::invalid_argument("multiprocessing: \"" + multiprocessing::detail::escaped(name) + "\" cannot be the name of shared memory: "
                                        "write 1 to 255 bytes without '/' and NUL, other than \".\" and \"..\"");
        }
        return std::string(folder) + "/" + name;
    }

    [[nodiscard]] static owned_handle make_unnamed(const std::string& name, std::size_t bytes, std::uint32_t mode) {
        const auto about = [&] { return title_of(name) + " of " + std::to_string(bytes) + " bytes"; };
        if (bytes > static_cast<std::size_t>((std::numeric_limits<off_t>::max)())) {
            throw_os_error(ENOMEM, "posix_fallocate", about());
        }
        owned_handle file(open_by([] { return ::open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }));
        if (!file) {
            throw_os_error(last_os_error(), "open(O_TMPFILE)", about());
        }
        if (::fchmod(file.get(), mode) != 0) {
            throw_os_error(last_os_error(), "fchmod", about());
        }
        if (const int code = reserve_pages(file.get(), static_cast<off_t>(bytes)); code != 0) {
            // EFBIG only says that no file can be so large: to the caller it is memory that is not there.
            throw_not_grown(code == EFBIG ? ENOMEM : code, "posix_fallocate", about(), static_cast<off_t>(bytes));
        }
        return file;
    }

    /// By `flock`, whose locks belong to the open file: duplicates and inherited copies of the descriptor keep them, and the system ends them with
    /// the last of these.
    static void lock(int file, int how, const std::string& title) {
        while (::flock(file, how) != 0) {
            if (errno != EINTR) {
                throw_os_error(last_os_error(), "flock", title);
            }
        }
    }

    memory_object object_;
    mapping mapping_;
    std::optional<memory_identity> identity_;
    std::uint32_t mode_ = 0600;
    bool is_of_this_user_ = true;
};

} // namespace multiprocessing::platform::posix
