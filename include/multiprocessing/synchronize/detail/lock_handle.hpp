#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/base/printed_by_stream.hpp>
#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/reduction/reducer.hpp>
#include <multiprocessing/robust/mutex.hpp>
#include <multiprocessing/robust/mutex_state.hpp>
#include <multiprocessing/robust/owner_died.hpp>
#include <multiprocessing/synchronize/detail/acquirable.hpp>

#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <utility>

/// \file
/// What RLock and Lock have in common, which is everything but what a thread gets that locks what it holds.

namespace multiprocessing {
class object_name;
namespace memory {
struct named_content;
}
} // namespace multiprocessing

namespace multiprocessing::detail {

struct lock_access;

/// A handle of a robust lock at the front of a block of shared memory. Whether the lock is recursive is written in the lock.
///
/// Forms of the standard: `try_lock_for`, `try_lock_until`; Python's: `acquire`, `release` (see detail/acquirable.hpp).
class lock_handle : public acquirable<lock_handle> {
public:
    lock_handle(const lock_handle&) noexcept = default;
    lock_handle(lock_handle&&) noexcept = default;
    lock_handle& operator=(const lock_handle&) = delete; // a handle is not redirected: make a new one
    lock_handle& operator=(lock_handle&&) noexcept = default;
    ~lock_handle() = default;

    /// Waits, as long as it takes, until this thread holds the lock. If it holds it already: once more, for an RLock (up to 65,536 levels,
    /// beyond which it throws resource_unavailable_try_again and has changed nothing); a Lock throws `std::system_error`,
    /// resource_deadlock_would_occur, as its timed forms do: to wait for oneself is to wait for ever.
    void lock() const {
        header().lock();
        if (is_locked_again()) [[unlikely]] {
            throw_deadlock();
        }
    }

    /// Takes the lock if that needs no waiting; whether it did. A lock whose owner is dead needs none.
    [[nodiscard]] bool try_lock() const { return header().try_lock() && !is_locked_again(); }

    /// Gives back one level; the lock itself with the last. Never blocks. Throws `std::system_error`, operation_not_permitted, and
    /// changes nothing, when this thread does not hold it: not another thread's, not a parent's. In a child of a raw `fork`, the one thread that it has from its
    /// parent is not told: a guard that the parent was in gives the parent's lock back there, and that does nothing.
    void unlock() const { header().unlock(); }

    /// Python's, of 3.14: whether a thread of any process holds it, this one included. It may be otherwise by the time that you look. False for the lock of a
    /// dead owner: it is to be had. Where nobody can be asked who lives, every owner counts as alive.
    [[nodiscard]] bool locked() const;

    /// Whether an owner died holding the lock and nobody has called make_consistent() since. Ask it while you hold the lock.
    [[nodiscard]] bool owner_died() const { return header().owner_has_died(); }

    /// What the lock guards has been repaired: owner_died() is false again. Throws `std::system_error`, operation_not_permitted, when
    /// this thread does not hold the lock.
    void make_consistent() const;

    /// Waits for the lock whatever its policy says, and without its callbacks, and holds it throughout; then, if `owner_died()` still,
    /// calls `mend()` and after that make_consistent(). Whether it called it: false when somebody else had repaired already. When `mend`
    /// throws, the lock stays owner_died, and the exception comes out. A process killed in it leaves the repair to the next, so a repair
    /// must be one that can run twice.
    template <std::invocable Mend>
    bool repair(Mend&& mend) const {
        header().lock(robust::purpose::repair);
        const struct scope {
            const lock_handle& held;
            ~scope() { held.header().unlock_if_owned(); }
        } scope{*this};
        if (!owner_died()) {
            return false;
        }
        std::forward<Mend>(mend)();
        make_consistent();
        return true;
    }

    /// What acquiring calls of all processes do from now on while `owner_died()`. Anybody may set it at any time; those who hold the lock go on.
    void set_owner_died_policy(OwnerDiedPolicy policy) const;

    /// What acquiring calls do while `owner_died()`.
    [[nodiscard]] OwnerDiedPolicy owner_died_policy() const;

    /// Whether both are handles of the same lock.
    friend bool operator==(const lock_handle& one, const lock_handle& other) noexcept { return one.block_.address() == other.block_.address(); }

    /// As Python prints it, but for the owner's name, which is not known here: `<RLock(None, 0)>`, `<RLock(ThisThread, 2)>`,
    /// `<Lock(owner=SomeOtherThread)>`. The other thread may be one of another process.
    friend std::ostream& operator<<(std::ostream& out, const lock_handle& lock);

protected:
    /// A new lock, free, in a block of its own. Throws `std::system_error` when there is no memory.
    explicit lock_handle(bool recursive);

    lock_handle(naming how, const object_name& name, bool recursive);

    /// The lock at the front of a block that may hold more.
    explicit lock_handle(memory::block block);

private:
    friend lock_access;
    friend acquirable<lock_handle>;

    [[nodiscard]] robust::mutex& header() const { return *reinterpret_cast<robust::mutex*>(block_.address_in_use()); }

    [[nodiscard]] bool is_recursive() const {
        return !header().has(robust::mutex::not_recursive);
    }

    [[nodiscard]] bool acquire_until(platform::deadline until) const {
        const bool had = header().try_lock_until(until);
        if (had && is_locked_again()) [[unlikely]] {
            throw_deadlock();
        }
        return had;
    }

    /// Called by the owner, which has just locked. Whether it held the lock before and must not: then it is as deep as before. (One who is
    /// killed in between leaves a depth that its heir sets to 0, as any heir does.)
    [[nodiscard]] bool is_locked_again() const {
        if (header().depth == 0 || is_recursive()) [[likely]] {
            return false;
        }
        header().unlock_owned();
        return true;
    }

    [[noreturn]] static void throw_deadlock();

    memory::block block_;
};

/// How the rest of the library makes locks in blocks of its own, and reaches what they are made of.
struct lock_access {
    template <std::derived_from<lock_handle> Lock>
    [[nodiscard]] static Lock make(memory::block block) {
        return Lock(std::move(block));
    }
    [[nodiscard]] static memory::named_content content(bool recursive);
    [[nodiscard]] static robust::mutex& header(const lock_handle& lock) { return lock.header(); }
    [[nodiscard]] static const memory::block& block(const lock_handle& lock) noexcept { return lock.block_; }

    static void reduce(const lock_handle& lock, reduction::outgoing& out);
    [[nodiscard]] static memory::block rebuild(reduction::incoming& in);
};

/// \cond for format.hpp
template <std::derived_from<lock_handle> T>
inline constexpr bool is_printed_by_stream<T> = true;
/// \endcond

} // namespace multiprocessing::detail

/// Any lock travels as its block.
template <std::derived_from<multiprocessing::detail::lock_handle> Lock>
struct multiprocessing::reduction::reducer<Lock> {
    static void reduce(const Lock& lock, outgoing& out) { detail::lock_access::reduce(lock, out); }
    [[nodiscard]] static Lock rebuild(incoming& in) { return detail::lock_access::make<Lock>(detail::lock_access::rebuild(in)); }
};

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/detail/lock_handle.ipp>
#endif
