#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/base/function_ref.hpp>

#include <cstdint>

namespace multiprocessing::platform::posix {

/// Files of which this process has a record lock (fcntl(2)). It goes when the process closes *any* descriptor of the file, so the library's own are put aside
/// until the lock is given back, and one that was put aside serves whoever opens the file again. A lock of an open file description needs none of this.
///
/// A list of files, which only grows: an entry whose count is 0 is used again. One mutex, which every function takes, and which is held while a descriptor is
/// closed. The invariant: *while the mutex is free, the list has each file of which this process has a record lock*. So another thread's close of a descriptor of
/// that file is over before the lock is taken, or finds the file in the list.
///
/// Interruptions: it is private memory. A fork waits for the mutex, so a child has a whole list, and the mutex is free in it. It has no record locks, and
/// calls `remove` for those that its parent had (life_tokens::forget). The other states may close descriptors around a fork, and so may whoever holds
/// one of their mutexes: so this mutex is the innermost (fork_turn::files). No signal's handler runs in a thread that holds it, which might fork.
class kept_files {
public:
    /// Calls `try_lock`, which takes a record lock of that file, or returns false, or throws. This process has one more then, or as many as before.
    /// Throws `std::bad_alloc`, too.
    [[nodiscard]] static bool lock(std::uint64_t device, std::uint64_t file, multiprocessing::detail::function_ref<bool()> try_lock);

    /// This process has one less. With the last one, what was put aside is closed.
    static void remove(std::uint64_t device, std::uint64_t file) noexcept;

    /// Closes it, or puts it aside.
    static void close(int descriptor) noexcept;

    /// A descriptor of the file at `path` that was put aside, opened for what O_RDONLY or O_RDWR says; -1 when there is none, or a user who may not open it so.
    [[nodiscard]] static int take_back(const char* path, int access) noexcept;

private:
    struct list;
};

} // namespace multiprocessing::platform::posix

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/platform/posix/kept_files.ipp>
#endif
