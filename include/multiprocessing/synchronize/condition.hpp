#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/deleted.hpp>
#include <multiprocessing/base/form.hpp>
#include <multiprocessing/base/printed_by_stream.hpp>
#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/reduction/reducer.hpp>
#include <multiprocessing/synchronize/detail/acquirable.hpp>
#include <multiprocessing/synchronize/detail/checked_count.hpp>
#include <multiprocessing/synchronize/detail/lock_handle.hpp>
#include <multiprocessing/synchronize/detail/primitive.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <utility>

/// \file
/// Waiting, under a lock, for what others change under it.

namespace multiprocessing {

namespace detail {
struct waiter_table;
}

/// A condition variable in shared memory with its lock: Python's `multiprocessing.Condition`. Whoever changes what is waited for holds the lock and
/// notifies; whoever waits holds the lock, which `wait` gives back, all levels of it, and takes again before it returns. The Condition is
/// itself Lockable, by its lock: `std::scoped_lock guard(changed)`. Timed forms and Python's spellings of that: detail/acquirable.hpp.
///
/// A Condition is a handle: a copy refers to the same waiters and the same lock, and so do the handles that a forked child inherits and
/// that a spawned one is passed. Several conditions may share a lock, a SharedValue's `get_lock()` too.
///
/// `notify` wakes exactly as many as it says, the longest waiting first, and never waits for them. Between its wake and its return from wait a
/// waiter must have the lock, and others may have had it first: so wait with a predicate, or in a loop.
///
/// *Kill.* A waiter that is killed is not counted as notified; if it was already, another one is in its stead. When a thread dies holding
/// the lock, all who wait are notified, for nobody can know what it was about to do; that is when `wait()` returns though nobody called
/// notify. Both soon (docs/synchronisation.md says how soon). `owner_died()` of the lock says so, until it is made consistent. All who wait
/// are notified as well when 16 owners of other locks have died, as nobody can tell then whether one of this lock's did.
///
/// \see docs/synchronisation.md, examples/condition_ping_pong.cpp
class Condition : public detail::primitive<detail::waiter_table>, public detail::acquirable<Condition> {
public:
    /// How many can wait at once, unless it is made for more.
    static constexpr int default_waiters = 64;

    /// With an RLock of its own. Throws `std::system_error` when there is no memory.
    Condition() : Condition(RLock()) {}

    /// With a Lock or an RLock there is already, and room for so many to wait at once: 1 to 4,096, or `std::invalid_argument`; so for the lock of an object with
    /// a name, with which other programs would not know of this Condition: that one needs a name as well.
    template <std::integral Count = int>
    explicit Condition(detail::lock_handle lock, Count waiters = default_waiters)
        : Condition(made(checked(waiters), lock), std::move(lock)) {}

    /// A named condition with an RLock of its own: new (`create_only`), there already (`open_only`), or either. Throws as RLock's.
    template <detail::making_tag Tag, std::integral Count = int>
    Condition(Tag tag, const object_name& name, Count waiters = default_waiters)
        : Condition(made(tag, name, checked(waiters))) {}
    /// A named condition that somebody made.
    Condition(open_only_t tag, const object_name& name);

    /// The same, with the lock of an object that has a name, too: `Condition(open_or_create, "risen", level.get_lock())`. Throws `std::invalid_argument` when the
    /// lock has none; LayoutError when the condition was made with another lock.
    /// @{
    template <detail::making_tag Tag, std::integral Count = int>
    Condition(Tag tag, const object_name& name, detail::lock_handle lock, Count waiters = default_waiters)
        : Condition(made(tag, name, checked(waiters), lock), std::move(lock)) {}
    Condition(open_only_t tag, const object_name& name, detail::lock_handle lock);
    /// @}

    /// Of its lock.
    /// @{
    void lock() const { lock_.lock(); }
    [[nodiscard]] bool try_lock() const { return lock_.try_lock(); }
    void unlock() const { lock_.unlock(); }
    /// @}

    /// Waits, as long as it takes, until it is notified. Throws `std::system_error`: operation_not_permitted when this thread does not hold the
    /// lock; resource_unavailable_try_again when as many as there is room for wait already; OwnerDied, or what an OwnerDiedCallback of this process
    /// throws, when a thread died with the lock meanwhile (see RLock). It holds the lock then, as it did. Where this program has closed descriptors that it
    /// did not open, so that nobody can be asked whether the lock's owner lives: bad_file_descriptor; then it does not hold the lock, and is not counted as
    /// notified.
    void wait() const { static_cast<void>(wait_until_deadline(platform::no_deadline)); }

    /// Waits until `holds()`, which is called with the lock held.
    template <std::predicate Predicate>
    void wait(Predicate holds) const {
        static_cast<void>(wait_until_deadline(platform::no_deadline, holds));
    }

    /// As `std::condition_variable_any` has it: but a Condition has its lock, and `wait` gives back that one.
    /// @{
    template <class Lock>
        requires requires(Lock& lock) { lock.unlock(); lock.lock(); }
    void wait(Lock&) const = MULTIPROCESSING_DELETE("a Condition knows its lock: hold it, std::scoped_lock guard(condition), and write condition.wait()");
    template <class Lock, class Predicate>
    void wait(Lock&, Predicate) const = MULTIPROCESSING_DELETE("a Condition knows its lock: hold it, std::scoped_lock guard(condition), and write condition.wait(predicate)");
    /// @}

    /// Waits for at most `wait`, by the monotonic clock; zero and less give the lock back and take it again. Whether it was notified. Having
    /// the lock again may take longer, as long as others hold it. Throws as `wait`.
    template <class Rep, class Period>
    bool wait_for(const std::chrono::duration<Rep, Period>& wait) const {
        return wait_until_deadline(platform::deadline_after(wait));
    }

    /// The same, until `holds()`: whether it does.
    template <class Rep, class Period, std::predicate Predicate>
    bool wait_for(const std::chrono::duration<Rep, Period>& wait, Predicate holds) const {
        return wait_until_deadline(platform::deadline_after(wait), holds);
    }

    /// Waits until `when` at the latest. A time of a clock other than the steady one is translated once, at the call.
    template <class Clock, class Duration>
    bool wait_until(const std::chrono::time_point<Clock, Duration>& when) const {
        return wait_until_deadline(platform::deadline_at(when));
    }
    /// The same, until `holds()`: whether it does.
    template <class Clock, class Duration, std::predicate Predicate>
    bool wait_until(const std::chrono::time_point<Clock, Duration>& when, Predicate holds) const {
        return wait_until_deadline(platform::deadline_at(when), holds);
    }

    /// Python's `wait_for(predicate, timeout)`.
    /// @{
    template <std::predicate Predicate>
    bool wait_for(Predicate holds) const {
        return wait_until_deadline(platform::no_deadline, holds);
    }
    template <std::predicate Predicate, class Rep, class Period>
    bool wait_for(Predicate holds, const std::chrono::duration<Rep, Period>& timeout) const {
        return wait_until_deadline(platform::deadline_after(timeout), holds);
    }
    /// @}

    /// Wakes so many of those who wait, or all if they are fewer. Never blocks. Throws `std::system_error`, operation_not_permitted,
    /// when this thread does not hold the lock; `std::invalid_argument` for less than 0.
    template <std::integral Count = int>
    void notify(Count count = 1) const {
        must_be_owner("notify");
        notify_waiters(detail::checked_count("a notify", count, 0, all_waiters));
    }

    /// The standard library's spelling of `notify()`.
    void notify_one() const { notify(); }

    /// Wakes all who wait. Otherwise as `notify`.
    void notify_all() const { notify(all_waiters); }

    /// As Python prints it: `<Condition(<RLock(None, 0)>, 2)>`, where 2 wait.
    friend std::ostream& operator<<(std::ostream& out, const Condition& condition);

private:
    friend detail::acquirable<Condition>;
    friend reduction::reducer<Condition>;

    static constexpr std::uint32_t most_waiters = 4096;
    static constexpr std::uint32_t all_waiters = 0xffffffff;

    /// Its lock is in front of it.
    explicit Condition(const detail::state_block& made) : primitive(made), lock_(detail::lock_access::make<RLock>(made.block)) {}

    Condition(detail::state_block made, detail::lock_handle&& lock) : primitive(std::move(made)), lock_(std::move(lock)) {}

    [[nodiscard]] static detail::state_block made(std::uint32_t waiters, const detail::lock_handle& lock);
    [[nodiscard]] static detail::state_block made(detail::naming how, const object_name& name, std::uint32_t waiters);
    [[nodiscard]] static detail::state_block made(detail::naming how, const object_name& name, std::optional<std::uint32_t> waiters, const detail::lock_handle& lock);

    template <class Count>
    [[nodiscard]] static std::uint32_t checked(Count waiters) {
        return detail::checked_count("a Condition's room for waiters", waiters, 1, most_waiters);
    }

    void must_be_owner(const char* what) const {
        const robust::mutex& lock = detail::lock_access::header(lock_);
        if (!lock.is_owner()) {
            robust::mutex::throw_not_owner(what);
        }
    }

    void notify_waiters(std::uint32_t count) const;

    /// By the owner of the lock.
    [[nodiscard]] bool wait_as_owner(platform::deadline until) const;

    [[nodiscard]] bool acquire_until(platform::deadline until) const { return lock_.try_lock_until(until); }

    [[nodiscard]] bool wait_until_deadline(platform::deadline until) const {
        must_be_owner("wait");
        return wait_as_owner(until);
    }

    template <class Predicate>
    [[nodiscard]] bool wait_until_deadline(platform::deadline until, Predicate& holds) const {
        must_be_owner("wait");
        while (!holds()) {
            if (!wait_as_owner(until)) {
                return holds();
            }
        }
        return true;
    }

    detail::lock_handle lock_;
};

/// Two blocks: the waiters and the lock.
template <>
struct reduction::reducer<Condition> {
    static void reduce(const Condition& condition, outgoing& out);
    [[nodiscard]] static Condition rebuild(incoming& in);
};

/// \cond for format.hpp
template <>
inline constexpr bool detail::is_printed_by_stream<Condition> = true;
/// \endcond

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/condition.ipp>
#endif
