#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/posix/link_file.hpp>
#include <multiprocessing/platform/posix/shm_folder.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// Held by who removes memory of one user: that user, and root, whom the folder's sticky bit lets remove it, too. The file is the user's, whoever
/// makes it; and made whole, as memory is: one that root had made, and not yet given away, would lock its user out.
///
/// It is a record lock (`fcntl(F_SETLK)`), which belongs to the process, and a flag, `taken`, for the threads of the process, to which a record lock
/// says nothing. Who has the flag may open the file, lock it, and close it; closing lets go, whichever of the process's descriptors of the file it is,
/// so nobody else of the process has one.
///
/// States: free; the flag is set; the flag is set and the record locked. Invariant: the record is locked only by a process whose flag is set, and by
/// the thread that set it.
/// Interruptions: killed anywhere, the process loses the record with its last thread. A fork, by any thread at any moment, takes nothing along: a child
/// has no record locks, whatever descriptors it has, and begins with its flag clear. (flock and F_OFD_SETLK belong to the open file, which such a
/// child would keep open: it would hold the lock for life once its parent was killed inside.)
///
/// Nobody waits longer than a deadline, by asking again and again: a record lock cannot be waited for so, and who holds it may be stopped.
class removal_lock {
public:
    /// How long one waits for another who may be inside, stopped, or on a busy machine.
    static constexpr std::chrono::seconds patience{5};

    /// Has it when `is_held()`; otherwise it was not to be had until then. Throws `std::system_error`: operation_not_permitted when this user may not
    /// remove memory of that one; permission_denied when the file was put there by a third one, and this user is the owner. (Root does not have it then.)
    removal_lock(::uid_t owner, const std::string& title, deadline until) : name_("mp-removal." + std::to_string(owner)) {
        constexpr std::chrono::microseconds shortest{50};
        constexpr std::chrono::microseconds longest{10'000};
        for (auto pause = shortest; !try_take(owner, title); pause = (std::min)(2 * pause, longest)) {
            const deadline now = clock::now();
            if (now >= until) {
                return;
            }
            const std::chrono::nanoseconds rest = (std::min<clock::duration>)(pause, until - now); // less than a second
            const std::int64_t nanoseconds = rest.count();
            const ::timespec to_sleep{0, static_cast<long>(nanoseconds)};
            ::nanosleep(&to_sleep, nullptr); // a signal's handler ends it early: then this looks again early
        }
    }
    removal_lock(const removal_lock&) = delete;
    removal_lock& operator=(const removal_lock&) = delete;
    ~removal_lock() {
        if (held_) {
            file_.reset();
            taken().store(false, std::memory_order_release);
        }
    }

    [[nodiscard]] bool is_held() const noexcept { return held_; }

    /// What the lock is, and who was found to have it when it was last asked for: for messages.
    [[nodiscard]] std::string in_the_way() const {
        const std::string who = holder_ == ::getpid() ? "another thread of this process"
                                : holder_ > 0         ? "process " + std::to_string(holder_)
                                                      : "a process that is not seen from here";
        return file_title() + ", which " + who + " holds";
    }

private:
    [[nodiscard]] static struct ::flock whole_file() noexcept {
        struct ::flock lock{};
        lock.l_type = F_WRLCK;
        lock.l_whence = SEEK_SET;
        return lock;
    }

    [[nodiscard]] bool try_take(::uid_t owner, const std::string& title) {
        bool expected = false;
        if (!taken().compare_exchange_strong(expected, true, std::memory_order_acquire)) {
            holder_ = ::getpid();
            return false;
        }
        struct give_back {
            removal_lock& one;
            ~give_back() {
                if (!one.held_) {
                    one.file_.reset();
                    taken().store(false, std::memory_order_release);
                }
            }
        } const otherwise{*this};
        file_ = open_or_make(owner, title);
        if (!file_) {
            return false;
        }
        struct ::flock lock = whole_file();
        held_ = ::fcntl(file_.get(), F_SETLK, &lock) == 0;
        if (!held_ && errno != EAGAIN && errno != EACCES) {
            throw_os_error(last_os_error(), "fcntl(F_SETLK)", file_title());
        }
        if (!held_ && ::fcntl(file_.get(), F_GETLK, &lock) == 0) {
            holder_ = lock.l_pid;
        }
        return held_;
    }

    /// None when it was put there by a third user, and this one is not the owner. So is what another user can open, or has given a second name: to lock it
    /// would be to lock something else.
    [[nodiscard]] owned_handle open_or_make(::uid_t owner, const std::string& title) const {
        const std::string path = this->path();
        const auto refuse = [&] { throw_os_error(EPERM, "unlink", title + ", which is another user's"); };
        for (;;) {
            owned_handle file(open_by([&] { return ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); }));
            if (file) {
                struct ::stat about{};
                if (::fstat(file.get(), &about) == 0 && about.st_uid == owner && S_ISREG(about.st_mode) && (about.st_mode & 0077) == 0 &&
                    about.st_nlink <= 1 && about.st_size == 0) {
                    return file;
                }
                if (::geteuid() == owner) {
                    throw_os_error(EACCES, "open", file_title() + ", which another user has put there, or can open: remove it");
                }
                return {};
            }
            if (errno == EACCES && ::geteuid() != owner) {
                refuse();
            }
            if (errno != ENOENT) {
                throw_os_error(last_os_error(), "open", file_title());
            }
            const owned_handle fresh(open_by([] { return ::open(shm_folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }));
            if (!fresh) {
                throw_os_error(last_os_error(), "open(O_TMPFILE)", file_title());
            }
            if (::fchown(fresh.get(), owner, static_cast<::gid_t>(-1)) != 0) {
                refuse();
            }
            static_cast<void>(link_file(fresh.get(), path)); // if it is taken, it is to be found now
        }
    }

    [[nodiscard]] std::string path() const { return std::string(shm_folder) + "/" + name_; }
    [[nodiscard]] std::string file_title() const { return "the lock " + path(); }

    struct flag {
        static constexpr const char* name = "removal lock";
        static constexpr fork_turn turn = fork_turn::others;

        std::atomic<bool> is_set{false};

        void after_fork_in_child() { is_set.store(false, std::memory_order_relaxed); }
    };
    [[nodiscard]] static std::atomic<bool>& taken() { return one_per_process<flag>().is_set; }

    std::string name_;
    owned_handle file_;
    bool held_ = false;
    ::pid_t holder_ = 0;
};

} // namespace multiprocessing::platform::posix
