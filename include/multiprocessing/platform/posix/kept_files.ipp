#pragma once

#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/posix/kept_files.hpp>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <exception>
#include <new>
#include <utility>

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

struct kept_files::list {
    static constexpr const char* name = "kept files";
    static constexpr fork_turn turn = fork_turn::files;

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

    /// Holds the mutex, and signals off.
    struct guard {
        list& of;
        ::sigset_t before;

        explicit guard(list& one) noexcept : of(one) {
            ::sigset_t all;
            ::sigfillset(&all);
            ::pthread_sigmask(SIG_SETMASK, &all, &before);
            of.before_fork();
        }
        guard(const guard&) = delete;
        guard& operator=(const guard&) = delete;
        ~guard() {
            of.after_fork_in_parent();
            ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        }
    };
    void before_fork() noexcept { ::pthread_mutex_lock(&mutex); }
    void after_fork_in_parent() noexcept { ::pthread_mutex_unlock(&mutex); }
    void after_fork_in_child() noexcept { ::pthread_mutex_unlock(&mutex); }

    /// Whether the descriptor is of that file still: the program may have closed it, and opened another one that has its number.
    [[nodiscard]] static bool is_of(const entry& one, int descriptor) noexcept {
        struct ::stat about{};
        return ::fstat(descriptor, &about) == 0 && about.st_dev == one.device && about.st_ino == one.file;
    }

    static void free_all(aside* asides) noexcept {
        while (asides != nullptr) {
            delete std::exchange(asides, asides->next);
        }
    }

    /// False: its file is kept, and the descriptor was put aside by `fresh`, if that is one.
    [[nodiscard]] bool try_close(int descriptor, aside* fresh) noexcept {
        const guard alone(*this);
        struct ::stat about{};
        if (first.load(std::memory_order_relaxed) != nullptr && ::fstat(descriptor, &about) != 0) {
            return true; // it may be one of them, and stays open: rather a descriptor than a lock
        }
        entry* const known = find(about.st_dev, about.st_ino, 1);
        if (known == nullptr) [[likely]] {
            ::close(descriptor);
            return true;
        }
        if (fresh != nullptr) {
            fresh->next = std::exchange(known->kept, fresh);
        }
        return false;
    }

    [[nodiscard]] entry* find(std::uint64_t device, std::uint64_t file, int least) const noexcept {
        entry* each = first.load(std::memory_order_relaxed);
        while (each != nullptr && (each->device != device || each->file != file || each->locks < least)) {
            each = each->next;
        }
        return each;
    }

    /// One that nobody uses, for a file that is not in the list.
    [[nodiscard]] entry* find_unused() const noexcept {
        entry* each = first.load(std::memory_order_relaxed);
        while (each != nullptr && (each->locks != 0 || each->kept != nullptr)) {
            each = each->next;
        }
        return each;
    }

    ::pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; // not std::mutex: <mutex> is a large header for every file that closes a descriptor
    std::atomic<entry*> first{nullptr}; // changed with the mutex

    /// Null for a copy of the library that may not have it (one_per_process): that one has locked nothing.
    [[nodiscard]] static list* get() noexcept try {
        return &one_per_process<list>();
    } catch (const std::exception&) {
        return nullptr;
    }
};

MULTIPROCESSING_INLINE bool kept_files::lock(std::uint64_t device, std::uint64_t file, multiprocessing::detail::function_ref<bool()> try_lock) {
    struct spare {
        list::entry* one = new list::entry{}; // outside of the mutex: `new` may be the program's own, and have a mutex
        ~spare() { delete one; }
    } fresh;
    list& here = one_per_process<list>();
    const list::guard alone(here);
    list::entry* known = here.find(device, file, 0);
    if (known == nullptr) {
        known = here.find_unused();
        if (known == nullptr) {
            known = std::exchange(fresh.one, nullptr);
            known->next = here.first.load(std::memory_order_relaxed);
            here.first.store(known, std::memory_order_release);
        }
        known->device = device;
        known->file = file;
    }
    const bool taken = try_lock();
    known->locks += taken ? 1 : 0;
    return taken;
}

MULTIPROCESSING_INLINE void kept_files::remove(std::uint64_t device, std::uint64_t file) noexcept {
    list* const here = list::get();
    if (here == nullptr) {
        return;
    }
    list::aside* kept = nullptr;
    {
        const list::guard alone(*here);
        list::entry* const known = here->find(device, file, 1);
        if (known == nullptr || --known->locks != 0) {
            return;
        }
        kept = std::exchange(known->kept, nullptr);
        for (const list::aside* each = kept; each != nullptr; each = each->next) {
            if (list::is_of(*known, each->descriptor)) {
                ::close(each->descriptor);
            }
        }
    }
    list::free_all(kept);
}

MULTIPROCESSING_INLINE void kept_files::close(int descriptor) noexcept {
    list* const here = list::get();
    if (here == nullptr) {
        ::close(descriptor);
        return;
    }
    if (here->try_close(descriptor, nullptr)) [[likely]] {
        return;
    }
    auto* const fresh = new (std::nothrow) list::aside{descriptor, nullptr}; // outside of the mutex; without memory the descriptor stays open
    if (fresh != nullptr && here->try_close(descriptor, fresh)) {
        delete fresh;
    }
}

MULTIPROCESSING_INLINE int kept_files::take_back(const char* path, int access) noexcept {
    list* const here = list::get();
    list::aside* gone = nullptr;
    int found = -1;
    if (here != nullptr && here->first.load(std::memory_order_relaxed) != nullptr) { // or what is put aside just now is found the next time
        const list::guard alone(*here);
        struct ::stat about{};
        if (::lstat(path, &about) != 0) {
            return -1;
        }
        list::entry* const known = here->find(about.st_dev, about.st_ino, 1);
        const bool may_open = ::faccessat(AT_FDCWD, path, access == O_RDONLY ? R_OK : R_OK | W_OK, AT_EACCESS) == 0 || errno == EPERM || errno == ENOSYS;
        for (list::aside** each = known != nullptr && may_open ? &known->kept : nullptr; each != nullptr && *each != nullptr && found == -1;) {
            const bool is_still_its = list::is_of(*known, (*each)->descriptor);
            if (is_still_its && (::fcntl((*each)->descriptor, F_GETFL) & O_ACCMODE) != access) {
                each = &(*each)->next;
                continue;
            }
            found = is_still_its ? (*each)->descriptor : -1;
            list::aside* const taken = *each;
            *each = taken->next;
            taken->next = std::exchange(gone, taken);
        }
    }
    list::free_all(gone);
    return found;
}

} // namespace multiprocessing::platform::posix
