#pragma once

#include <multiprocessing/platform/fork_hooks.hpp>

#include <cstdint>
#include <new>

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// Files of which this process has a record lock (fcntl(2)). It goes when the process closes *any* descriptor of the file, so the library's own are put aside
/// until the lock is given back, and one that was put aside serves whoever opens the file again. A lock of an open file description needs none of this.
///
/// A list of files, which only grows: an entry whose count is 0 is used again. One mutex, which every function takes, and which is held while a descriptor is
/// closed. The invariant: *while the mutex is free, the list has each file of which this process has a record lock*. So another thread's close of a descriptor of
/// that file is over before the lock is taken, or finds the file in the list.
///
/// Interruptions: it is private memory. A fork waits for the mutex, so a child has a whole list, and the mutex is free in it. It has no record locks, and
/// calls `remove` for those that its parent had (life_tokens::forget). The hook is registered before those of whatever closes descriptors under a lock of its
/// own, whose headers include this one: so a fork takes this mutex last, as they do.
class kept_files {
public:
    /// Calls `try_lock`, which takes a record lock of that file, or returns false, or throws. This process has one more then, or as many as before.
    /// Throws `std::bad_alloc`, too.
    template <class TryLock>
    [[nodiscard]] static bool lock(std::uint64_t device, std::uint64_t file, TryLock try_lock) {
        const turn alone;
        entry* known = find(device, file, 0);
        if (known == nullptr) {
            known = first_ = new entry{device, file, 0, nullptr, first_};
        }
        const bool taken = try_lock();
        known->locks += taken ? 1 : 0;
        return taken;
    }

    /// This process has one less. With the last one, what was put aside is closed.
    static void remove(std::uint64_t device, std::uint64_t file) noexcept {
        const turn alone;
        entry* const known = find(device, file, 1);
        if (known == nullptr || --known->locks != 0) {
            return;
        }
        while (known->kept != nullptr) {
            ::close(take_first(known->kept));
        }
    }

    /// Closes it, or puts it aside.
    static void close(int descriptor) noexcept {
        const turn alone;
        struct ::stat about{};
        if (first_ != nullptr && ::fstat(descriptor, &about) != 0) {
            return; // it may be one of them: rather a descriptor than a lock
        }
        entry* const known = find(about.st_dev, about.st_ino, 1);
        if (known == nullptr) [[likely]] {
            ::close(descriptor);
        } else if (auto* const fresh = new (std::nothrow) aside{descriptor, known->kept}; fresh != nullptr) { // else it stays open
            known->kept = fresh;
        }
    }

    /// A descriptor of the file at `path` that was put aside, opened for what O_RDONLY or O_RDWR says; -1 when there is none, or a user who may not open it so.
    [[nodiscard]] static int take_back(const char* path, int access) noexcept {
        const turn alone;
        struct ::stat about{};
        if (first_ == nullptr || ::lstat(path, &about) != 0 ||
            ::faccessat(AT_FDCWD, path, access == O_RDONLY ? R_OK : R_OK | W_OK, AT_EACCESS) != 0) {
            return -1;
        }
        entry* const known = find(about.st_dev, about.st_ino, 1);
        for (aside** each = known != nullptr ? &known->kept : nullptr; each != nullptr && *each != nullptr; each = &(*each)->next) {
            if ((::fcntl((*each)->descriptor, F_GETFL) & O_ACCMODE) == access) {
                return take_first(*each);
            }
        }
        return -1;
    }

private:
    /// `<mutex>` is a large header for every file that closes a descriptor.
    struct small_mutex {
        ::pthread_mutex_t mutex;

        void lock() noexcept { ::pthread_mutex_lock(&mutex); }
        void unlock() noexcept { ::pthread_mutex_unlock(&mutex); }
    };
    struct turn {
        turn() noexcept { mutex_.lock(); }
        turn(const turn&) = delete;
        turn& operator=(const turn&) = delete;
        ~turn() { mutex_.unlock(); }
    };
    struct aside {
        int descriptor;
        aside* next;
    };
    struct entry {
        std::uint64_t device;
        std::uint64_t file;
        int locks;
        aside* kept;
        entry* next;
    };

    [[nodiscard]] static int take_first(aside*& list) noexcept {
        const aside* const first = list;
        const int descriptor = first->descriptor;
        list = first->next;
        delete first;
        return descriptor;
    }

    [[nodiscard]] static entry* find(std::uint64_t device, std::uint64_t file, int least) noexcept {
        entry* each = first_;
        while (each != nullptr && (each->device != device || each->file != file || each->locks < least)) {
            each = each->next;
        }
        return each;
    }

    static inline constinit small_mutex mutex_{PTHREAD_MUTEX_INITIALIZER};
    static inline constinit entry* first_ = nullptr;
    [[gnu::init_priority(101)]] static inline const fork_hook hooked_ = fork_hook::holding([]() -> auto& { return mutex_; });
};

} // namespace multiprocessing::platform::posix
