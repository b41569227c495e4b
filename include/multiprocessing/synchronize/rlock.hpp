#pragma once

#include <multiprocessing/memory/heap.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/reduction/reducer.hpp>
#include <multiprocessing/synchronize/detail/robust_lock.hpp>
#include <multiprocessing/synchronize/owner_died.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>

/// \file
/// A recursive lock between processes that no death can leave locked.

namespace multiprocessing {

namespace detail {
struct lock_access;
}

/// A robust, recursive mutual exclusion lock in shared memory: Python's `multiprocessing.RLock`, in the form of
/// `std::recursive_timed_mutex`, so that `std::scoped_lock` and `std::unique_lock` take it.
///
/// An RLock is a handle: a copy refers to the same lock, and a const one locks as any other (as a `T* const` changes its T). After `fork` the child's handles refer to the parent's locks; a lock the
/// parent holds is *not* held by the child, whose `lock()` waits for the parent as any other process does.
///
/// *Kill.* When the owner dies holding it (SIGKILL, `exit`, the end of its thread), the next to ask has the lock, after
/// at most one sleeping slice of 16 ms if it was asleep, and `owner_died()` says so from then on until `make_consistent()`. What the owner was in
/// the middle of is the caller's to repair; objects of this library that were changed by their own operations are whole already.
/// Who would rather be stopped sets `OwnerDiedPolicy::throw_exception`; who would rather have it done at once registers an OwnerDiedCallback. Then every
/// call below that would acquire the lock (not one level more of it) may throw: OwnerDied, or what the callback throws. It does not hold
/// the lock then.
///
/// *Cost.* Uncontended, two atomic exchanges on one cache line and no system call. Contended, a short spin, then sleep.
///
/// A thread that uses a shared lock takes one of 8,192 places that a process and its descendants have in common, and keeps it until it
/// ends; with all of them taken, locking throws `std::system_error`, resource_unavailable_try_again.
class RLock {
public:
    /// A new lock, free. Throws `std::system_error` when there is no memory.
    RLock() : RLock(memory::heap::current().allocate(sizeof(detail::guard_header), 64)) {}

    RLock(const RLock&) noexcept = default;
    RLock(RLock&&) noexcept = default;
    RLock& operator=(const RLock&) = delete; // a handle is not redirected: make a new one
    RLock& operator=(RLock&&) noexcept = default;
    ~RLock() = default;

    /// Waits, as long as it takes, until this thread holds the lock; once more if it holds it already (up to 65,536 levels,
    /// beyond which it throws resource_unavailable_try_again and has changed nothing).
    void lock() const { detail::robust_lock::lock(header()); }

    /// Takes the lock if that needs no waiting; whether it did. A lock whose owner is dead needs none.
    [[nodiscard]] bool try_lock() const { return detail::robust_lock::try_lock(header()); }

    /// Waits for at most `wait`, by the monotonic clock; zero and less do not wait. Whether it took the lock.
    template <class Rep, class Period>
    bool try_lock_for(const std::chrono::duration<Rep, Period>& wait) const {
        return detail::robust_lock::try_lock_until(header(), platform::deadline_after(wait));
    }

    /// Waits until `when` at the latest. A time of a clock other than the steady one is translated once, at the call.
    template <class Clock, class Duration>
    bool try_lock_until(const std::chrono::time_point<Clock, Duration>& when) const {
        return detail::robust_lock::try_lock_until(header(), platform::deadline_at(when));
    }

    /// Gives back one level; the lock itself with the last. Never blocks. Throws `std::system_error`, operation_not_permitted, and
    /// changes nothing, when this thread does not hold it: not another thread's, not a parent's.
    void unlock() const { detail::robust_lock::unlock(header()); }

    /// Python's spelling of `lock` and `try_lock`: returns true when the lock was taken.
    bool acquire(bool block = true) const { return block ? (lock(), true) : try_lock(); }

    /// Python's `acquire(block, timeout)`: with `block` false the time-out is ignored, a negative one counts as zero.
    template <class Rep, class Period>
    bool acquire(bool block, const std::chrono::duration<Rep, Period>& timeout) const {
        return block ? try_lock_for(timeout) : try_lock();
    }

    /// Python's spelling of `unlock`.
    void release() const { unlock(); }

    /// Whether an owner died holding the lock and nobody has called make_consistent() since. Ask it while you hold the lock.
    [[nodiscard]] bool owner_died() const noexcept {
        return (header().flags.load(std::memory_order_relaxed) & detail::guard_header::owner_died) != 0;
    }

    /// What the lock guards has been repaired: owner_died() is false again. Throws `std::system_error`, operation_not_permitted, when
    /// this thread does not hold the lock.
    void make_consistent() const {
        if (!detail::robust_lock::is_owner(header())) {
            detail::robust_lock::throw_not_owner("make_consistent");
        }
        detail::robust_lock::make_consistent(header());
    }

    /// Waits for the lock whatever its policy says, and without its callbacks, and holds it throughout; then, if `owner_died()` still,
    /// calls `mend()` and after that make_consistent(). Whether it called it: false when somebody else had repaired already. When `mend` throws, the lock
    /// stays owner_died, and the exception comes out. A process killed in it leaves the repair to the next, so a repair must be one that can run twice.
    template <std::invocable Mend>
    bool repair(Mend&& mend) const {
        detail::robust_lock::lock(header(), detail::purpose::repair);
        const std::lock_guard held(*this, std::adopt_lock);
        if (!owner_died()) {
            return false;
        }
        std::invoke(std::forward<Mend>(mend));
        make_consistent();
        return true;
    }

    /// What acquiring calls of all processes do from now on while `owner_died()`. Anybody may set it at any time; those who hold the lock go on.
    void set_owner_died_policy(OwnerDiedPolicy policy) const noexcept {
        if (policy == OwnerDiedPolicy::throw_exception) {
            header().flags.fetch_or(detail::guard_header::throws_owner_died, std::memory_order_relaxed);
        } else {
            header().flags.fetch_and(static_cast<std::uint8_t>(~detail::guard_header::throws_owner_died), std::memory_order_relaxed);
        }
    }

    [[nodiscard]] OwnerDiedPolicy owner_died_policy() const noexcept {
        return (header().flags.load(std::memory_order_relaxed) & detail::guard_header::throws_owner_died) != 0
                   ? OwnerDiedPolicy::throw_exception
                   : OwnerDiedPolicy::recover;
    }

private:
    friend detail::lock_access;

    /// The lock at the front of a block that may hold more.
    explicit RLock(memory::block block) : block_(std::move(block)) {
        // The registry of names must be there before anybody can inherit the lock: two processes that each made one for
        // themselves would not know each other's names.
        static_cast<void>(detail::life_registry::family());
    }

    [[nodiscard]] detail::guard_header& header() const noexcept {
        return *reinterpret_cast<detail::guard_header*>(block_.address());
    }

    memory::block block_;
};

namespace detail {

/// How the rest of the library makes locks in blocks of its own, and reaches what they are made of.
struct lock_access {
    [[nodiscard]] static RLock make(memory::block block) { return RLock(std::move(block)); }
    [[nodiscard]] static guard_header& header(const RLock& lock) noexcept { return lock.header(); }
    [[nodiscard]] static const memory::block& block(const RLock& lock) noexcept { return lock.block_; }
};

} // namespace detail

template <>
struct reduction::reducer<RLock> {
    static void reduce(const RLock& lock, outgoing& out) { out.put_block(detail::lock_access::block(lock)); }
    [[nodiscard]] static RLock rebuild(incoming& in) {
        return detail::lock_access::make(in.take_block(sizeof(detail::guard_header), alignof(detail::guard_header)));
    }
};

} // namespace multiprocessing
