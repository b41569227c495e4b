#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/base/printed_by_stream.hpp>
#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/reduction/reducer.hpp>
#include <multiprocessing/synchronize/detail/checked_count.hpp>
#include <multiprocessing/synchronize/detail/primitive.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <stdexcept>
#include <utility>

/// \file
/// Where processes wait for each other.

namespace multiprocessing {

namespace detail {
struct barrier_state;
}

/// Thrown by `Barrier::wait` to all parties when one of them gives up or dies, or the barrier is reset or aborted: Python's
/// `BrokenBarrierError`.
class BrokenBarrier : public std::runtime_error {
public:
    BrokenBarrier();
};

/// So many parties wait here until all have arrived, again and again: Python's `multiprocessing.Barrier`.
///
/// A Barrier is a handle: a copy refers to the same barrier, and so do the handles that a forked child inherits and that a spawned one is
/// passed. The *action* is a function of one process; it is copied by `fork`, and cannot be passed to `spawn`.
///
/// *Kill.* A party that dies after it arrived and before all have breaks the barrier: the others get BrokenBarrier soon
/// (docs/synchronisation.md says how soon). Of one that dies before it arrives nobody knows here: wait with a time-out. `reset()` makes a
/// broken barrier usable again.
///
/// \see docs/synchronisation.md, examples/event_and_barrier.cpp
class Barrier : public detail::primitive<detail::barrier_state> {
public:
    using action_type = std::function<void()>; ///< What is called before each pass.

    /// For so many parties, 1 to 65,536, or `std::invalid_argument`. Before each pass `action`, if there is one, is called by the party that
    /// arrives last, by its own handle of the barrier; if it throws, the barrier is broken, and that party gets its exception. Throws
    /// `std::system_error` when there is no memory.
    template <std::integral Count>
    explicit Barrier(Count parties, action_type action = {}) : Barrier(made(checked(parties), no_timeout), std::move(action)) {}

    /// The same, with a time-out for each `wait()` that is not given one of its own: zero and less do not wait.
    template <std::integral Count, class Rep, class Period>
    Barrier(Count parties, action_type action, const std::chrono::duration<Rep, Period>& timeout)
        : Barrier(made(checked(parties), nanoseconds_in(timeout)), std::move(action)) {}
    template <std::integral Count, class Rep, class Period>
    Barrier(Count parties, const std::chrono::duration<Rep, Period>& timeout) : Barrier(parties, {}, timeout) {}

    /// A named barrier, new (`create_only`), or, with `open_or_create`, the one that is there, which must be for as many. Throws as RLock's.
    template <detail::making_tag Tag, std::integral Count>
    Barrier(Tag tag, const object_name& name, Count parties, action_type action = {})
        : Barrier(made(tag, name, checked(parties), no_timeout), std::move(action)) {}
    /// The same, with a time-out.
    template <detail::making_tag Tag, std::integral Count, class Rep, class Period>
    Barrier(Tag tag, const object_name& name, Count parties, action_type action, const std::chrono::duration<Rep, Period>& timeout)
        : Barrier(made(tag, name, checked(parties), nanoseconds_in(timeout)), std::move(action)) {}
    template <detail::making_tag Tag, std::integral Count, class Rep, class Period>
    Barrier(Tag tag, const object_name& name, Count parties, const std::chrono::duration<Rep, Period>& timeout) : Barrier(tag, name, parties, {}, timeout) {}
    /// A named barrier that somebody made.
    explicit Barrier(open_only_t tag, const object_name& name, action_type action = {});

    /// The same barrier, with an action for this handle: how a spawned process gets one.
    Barrier(const Barrier& other, action_type action) : primitive(other), action_(std::move(action)) {}

    /// Waits until all parties have arrived, as long as it takes or as long as the time-out of the barrier says. Returns 0 to parties - 1,
    /// to each party another number. Throws BrokenBarrier when the barrier is broken, or is while it waits, or when the time is up, which
    /// breaks it, but not for a thread more than parties whose round has not begun; what the action throws; `std::system_error`,
    /// resource_unavailable_try_again, when the thread cannot be given a name (see RLock).
    int wait() const;

    /// The standard library's spelling of `wait()`.
    int arrive_and_wait() const { return wait(); }

    /// Waits for at most `wait`, by the monotonic clock; zero and less do not wait, which only the last party survives.
    template <class Rep, class Period>
    int wait_for(const std::chrono::duration<Rep, Period>& wait) const {
        return wait_until_deadline(platform::deadline_after(wait));
    }

    /// Waits until `when` at the latest. A time of a clock other than the steady one is translated once, at the call.
    template <class Clock, class Duration>
    int wait_until(const std::chrono::time_point<Clock, Duration>& when) const {
        return wait_until_deadline(platform::deadline_at(when));
    }

    /// As new: those who wait get BrokenBarrier, those who come after wait for each other. Never blocks.
    void reset() const;

    /// Breaks the barrier: those who wait, and those who come after, get BrokenBarrier, until somebody calls reset(). Never blocks.
    void abort() const;

    /// How many it is for.
    [[nodiscard]] int parties() const noexcept;

    /// How many have arrived and wait for the others at this moment.
    [[nodiscard]] int n_waiting() const;

    /// Whether it is broken: until somebody calls reset().
    [[nodiscard]] bool broken() const;

    /// As Python prints it: `<Barrier at 0x7f0000001040: waiters=2/3>`, or `broken`.
    friend std::ostream& operator<<(std::ostream& out, const Barrier& barrier);

private:
    friend detail::primitive_access;
    friend reduction::reducer<Barrier>;

    static constexpr std::uint32_t most_parties = 65'536;
    static constexpr std::int64_t no_timeout = -1;

    explicit Barrier(detail::state_block made) : primitive(std::move(made)) {}
    Barrier(detail::state_block made, action_type action) : primitive(std::move(made)), action_(std::move(action)) {}

    [[nodiscard]] static detail::state_block made(std::uint32_t parties, std::int64_t timeout);
    [[nodiscard]] static detail::state_block made(detail::naming how, const object_name& name, std::uint32_t parties, std::int64_t timeout);

    template <class Count>
    [[nodiscard]] static std::uint32_t checked(Count parties) {
        return detail::checked_count("the parties of a Barrier", parties, 1, most_parties);
    }

    /// A time that is too long to be represented is for ever.
    template <class Rep, class Period>
    [[nodiscard]] static std::int64_t nanoseconds_in(const std::chrono::duration<Rep, Period>& time) {
        using nanoseconds = std::chrono::nanoseconds;
        if (std::chrono::duration<double>(time) >= std::chrono::duration<double>((nanoseconds::max)())) {
            return no_timeout;
        }
        return time <= time.zero() ? 0 : std::chrono::ceil<nanoseconds>(time).count();
    }

    [[nodiscard]] int wait_until_deadline(platform::deadline until) const;

    action_type action_;
};

template <>
struct reduction::reducer<Barrier> {
    static void reduce(const Barrier& barrier, outgoing& out);
    [[nodiscard]] static Barrier rebuild(incoming& in);
};

/// \cond for format.hpp
template <>
inline constexpr bool detail::is_printed_by_stream<Barrier> = true;
/// \endcond

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/barrier.ipp>
#endif
