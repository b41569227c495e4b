#pragma once

#include <multiprocessing/platform/fork_hooks.hpp>
#include <multiprocessing/platform/posix/kept_files.hpp>

#include <new>

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

struct kept_files::list {
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

    /// `<mutex>` is a large header for every file that closes a descriptor.
    struct small_mutex {
        ::pthread_mutex_t mutex;

        void lock() noexcept { ::pthread_mutex_lock(&mutex); }
        void unlock() noexcept { ::pthread_mutex_unlock(&mutex); }
    };
    struct turn {
        turn() noexcept { mutex.lock(); }
        turn(const turn&) = delete;
        turn& operator=(const turn&) = delete;
        ~turn() { mutex.unlock(); }
    };

    [[nodiscard]] static int take_first(aside*& asides) noexcept {
        const aside* const found = asides;
        const int descriptor = found->descriptor;
        asides = found->next;
        delete found;
        return descriptor;
    }

    [[nodiscard]] static entry* find(std::uint64_t device, std::uint64_t file, int least) noexcept {
        entry* each = first;
        while (each != nullptr && (each->device != device || each->file != file || each->locks < least)) {
            each = each->next;
        }
        return each;
    }

    static constinit small_mutex mutex;
    static constinit entry* first;
    static const fork_hook hooked;
};

MULTIPROCESSING_INLINE constinit kept_files::list::small_mutex kept_files::list::mutex{PTHREAD_MUTEX_INITIALIZER};
MULTIPROCESSING_INLINE constinit kept_files::list::entry* kept_files::list::first = nullptr;
[[gnu::init_priority(101)]] MULTIPROCESSING_INLINE const fork_hook kept_files::list::hooked =
    fork_hook::holding([]() -> auto& { return mutex; });

MULTIPROCESSING_INLINE bool kept_files::lock(std::uint64_t device, std::uint64_t file, multiprocessing::detail::function_ref<bool()> try_lock) {
    const list::turn alone;
    list::entry* known = list::find(device, file, 0);
    if (known == nullptr) {
        known = list::first = new list::entry{device, file, 0, nullptr, list::first};
    }
    const bool taken = try_lock();
    known->locks += taken ? 1 : 0;
    return taken;
}

MULTIPROCESSING_INLINE void kept_files::remove(std::uint64_t device, std::uint64_t file) noexcept {
    const list::turn alone;
    list::entry* const known = list::find(device, file, 1);
    if (known == nullptr || --known->locks != 0) {
        return;
    }
    while (known->kept != nullptr) {
        ::close(list::take_first(known->kept));
    }
}

MULTIPROCESSING_INLINE void kept_files::close(int descriptor) noexcept {
    const list::turn alone;
    struct ::stat about{};
    if (list::first != nullptr && ::fstat(descriptor, &about) != 0) {
        return; // it may be one of them: rather a descriptor than a lock
    }
    list::entry* const known = list::find(about.st_dev, about.st_ino, 1);
    if (known == nullptr) [[likely]] {
        ::close(descriptor);
    } else if (auto* const fresh = new (std::nothrow) list::aside{descriptor, known->kept}; fresh != nullptr) { // else it stays open
        known->kept = fresh;
    }
}

MULTIPROCESSING_INLINE int kept_files::take_back(const char* path, int access) noexcept {
    const list::turn alone;
    struct ::stat about{};
    if (list::first == nullptr || ::lstat(path, &about) != 0 ||
        ::faccessat(AT_FDCWD, path, access == O_RDONLY ? R_OK : R_OK | W_OK, AT_EACCESS) != 0) {
        return -1;
    }
    list::entry* const known = list::find(about.st_dev, about.st_ino, 1);
    for (list::aside** each = known != nullptr ? &known->kept : nullptr; each != nullptr && *each != nullptr; each = &(*each)->next) {
        if ((::fcntl((*each)->descriptor, F_GETFL) & O_ACCMODE) == access) {
            return list::take_first(*each);
        }
    }
    return -1;
}

} // namespace multiprocessing::platform::posix
