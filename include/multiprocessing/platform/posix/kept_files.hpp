#pragma once

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <new>

#include <sys/stat.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// Files of which this process has a record lock (fcntl(2)). It goes when the process closes *any* descriptor of the file, so the library's own are put aside
/// until the lock is given back. A lock of an open file description needs none of this.
///
/// A list of files, which only grows: an entry whose count is 0 is used again. Interruptions: it is private memory. No lock that a fork could leave
/// locked; a child has the list, no record locks, and calls `remove` for those that its parent had (life_tokens::forget).
class kept_files {
public:
    static void add(std::uint64_t device, std::uint64_t file) {
        if (entry* const known = find(device, file, 0); known != nullptr) {
            known->locks.fetch_add(1, std::memory_order_acq_rel);
            return;
        }
        auto* const fresh = new entry{device, file, {1}, {nullptr}, first_.load(std::memory_order_relaxed)};
        while (!first_.compare_exchange_weak(fresh->next, fresh, std::memory_order_acq_rel)) {
        }
    }

    /// What was put aside is closed when nobody needs it any more.
    static void remove(std::uint64_t device, std::uint64_t file) noexcept {
        entry* const known = find(device, file, 1);
        if (known == nullptr || known->locks.fetch_sub(1, std::memory_order_acq_rel) != 1) {
            return;
        }
        for (aside* each = known->kept.exchange(nullptr, std::memory_order_acq_rel); each != nullptr;) {
            const aside* const done = each;
            ::close(each->descriptor);
            each = each->next;
            delete done;
        }
    }

    /// Whether the descriptor was put aside, and must not be closed.
    [[nodiscard]] static bool keep(int descriptor) noexcept {
        struct ::stat about{};
        if (first_.load(std::memory_order_acquire) == nullptr) {
            return false;
        }
        if (::fstat(descriptor, &about) != 0) {
            return errno != EBADF; // it may be one of them: rather a descriptor than a lock
        }
        entry* const known = find(about.st_dev, about.st_ino, 1);
        if (known == nullptr) {
            return false;
        }
        auto* const fresh = new (std::nothrow) aside{descriptor, known->kept.load(std::memory_order_relaxed)};
        while (fresh != nullptr && !known->kept.compare_exchange_weak(fresh->next, fresh, std::memory_order_acq_rel)) {
        } // without memory it stays open
        return true;
    }

private:
    struct aside {
        int descriptor;
        aside* next;
    };
    struct entry {
        std::uint64_t device;
        std::uint64_t file;
        std::atomic<int> locks;
        std::atomic<aside*> kept;
        entry* next;
    };

    [[nodiscard]] static entry* find(std::uint64_t device, std::uint64_t file, int least) noexcept {
        entry* each = first_.load(std::memory_order_acquire);
        while (each != nullptr && (each->device != device || each->file != file || each->locks.load(std::memory_order_acquire) < least)) {
            each = each->next;
        }
        return each;
    }

    static inline constinit std::atomic<entry*> first_{nullptr};
};

} // namespace multiprocessing::platform::posix
