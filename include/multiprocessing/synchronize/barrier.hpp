#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/reduction/reducer.hpp>
#include <multiprocessing/synchronize/detail/barrier_state.hpp>
#include <multiprocessing/synchronize/detail/checked_count.hpp>
#include <multiprocessing/synchronize/detail/primitive.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <utility>

/// \file
/// Where processes wait for each other.

namespace multiprocessing {

/// Thrown by `Barrier::wait` to all parties when one of them gives up or dies, or the barrier is reset or aborted: Python's
/// `BrokenBarrierError`.
class BrokenBarrier : public std::runtime_error {
public:
    BrokenBarrier()
        : std::runtime_error("multiprocessing: the Barrier is broken: a party died, ran out of time or failed in the action, or somebody "
                             "called abort() or reset()") {}
};

/// So many parties wait here until all have arrived, again and again: Python's `multiprocessing.Barrier`.
///
/// A Barrier is a handle: a copy refers to the same barrier, and so do the handles that a forked child inherits and that a spawned one is
/// passed. The *action* is a function of one process; it is copied by `fork`, and cannot be passed to `spawn`.
///
/// *Kill.* A party that dies after it arrived and before all have breaks the barrier: the others get BrokenBarrier within two slices of
/// 16 ms. (Of one that dies before it arrives nobody knows here: wait with a time-out.) `reset()` makes a broken barrier usable again.
///
/// \see docs/synchronisation.md, examples/event_and_barrier.cpp
class Barrier : public detail::primitive<detail::barrier_state> {
public:
    using action_type = std::function<void()>; ///< What is called before each pass.

    /// For so many parties, 1 to 65,536, or `std::invalid_argument`. Before each pass `action`, if there is one, is called by the party that
    /// arrives last, by its own handle of the barrier; if it throws, the barrier is broken, and that party gets its exception. Throws
    /// `std::system_error` when there is no memory.
    template <std::integral Count>
    explicit Barrier(Count parties, action_type action = {}) : Barrier(parties, std::move(action), no_timeout) {}

    /// The same, with a time-out for each `wait()` that is not given one of its own: zero and less do not wait.
    template <std::integral Count, class Rep, class Period>
    Barrier(Count parties, action_type action, const std::chrono::duration<Rep, Period>& timeout)
        : Barrier(parties, std::move(action), nanoseconds_in(timeout)) {}

    /// A named barrier, new (`create_only`), or, with `open_or_create`, the one that is there, which must be for as many. Throws as RLock's.
    template <detail::making_tag Tag, std::integral Count>
    Barrier(Tag tag, const object_name& name, Count parties, action_type action = {})
        : Barrier(tag, name, parties, std::move(action), no_timeout) {}
    /// The same, with a time-out.
    template <detail::making_tag Tag, std::integral Count, class Rep, class Period>
    Barrier(Tag tag, const object_name& name, Count parties, action_type action, const std::chrono::duration<Rep, Period>& timeout)
        : Barrier(tag, name, parties, std::move(action), nanoseconds_in(timeout)) {}
    /// A named barrier that somebody made.
    explicit Barrier(open_only_t tag, const object_name& name, action_type action = {})
        : primitive(named_state(tag, name, detail::named_kind::barrier, "barrier", std::nullopt)), action_(std::move(action)) {}

    /// The same barrier, with an action for this handle: how a spawned process gets one.
    Barrier(const Barrier& other, action_type action) : primitive(other), action_(std::move(action)) {}

    /// Waits until all parties have arrived, as long as it takes or as long as the time-out of the barrier says. Returns 0 to parties - 1,
    /// to each party another number. Throws BrokenBarrier when the barrier is broken, or is while it waits, or when the time is up, which
    /// breaks it; what the action throws; `std::system_error`, resource_unavailable_try_again, when the thread cannot be given a name (see
    /// RLock).
    int wait() const {
        const std::int64_t timeout = state().timeout;
        return wait_until_deadline(timeout == no_timeout ? platform::no_deadline
                                                         : platform::deadline_after(std::chrono::nanoseconds(timeout)));
    }

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
    void reset() const noexcept { state().reset(); }

    /// Breaks the barrier: those who wait, and those who come after, get BrokenBarrier, until somebody calls reset(). Never blocks.
    void abort() const noexcept { state().abort(); }

    /// How many it is for.
    [[nodiscard]] int parties() const noexcept { return static_cast<int>(state().parties); }

    /// How many have arrived and wait for the others at this moment.
    [[nodiscard]] int n_waiting() const noexcept { return static_cast<int>(state().arrived()); }

    /// Whether it is broken: until somebody calls reset().
    [[nodiscard]] bool broken() const noexcept { return state().is_broken(); }

    /// As Python prints it: `<Barrier at 0x7f0000001040: waiters=2/3>`, or `broken`.
    friend std::ostream& operator<<(std::ostream& out, const Barrier& barrier) {
        out << "<Barrier at " << static_cast<const void*>(&barrier.state()) << ": ";
        return barrier.broken() ? out << "broken>" : out << "waiters=" << barrier.n_waiting() << '/' << barrier.parties() << '>';
    }

private:
    friend detail::primitive_access;
    friend reduction::reducer<Barrier>;

    using state_type = detail::barrier_state;

    static constexpr std::int64_t no_timeout = -1;

    explicit Barrier(memory::block block) : primitive(std::move(block)) {}

    template <class Count>
    Barrier(Count parties, action_type action, std::int64_t timeout)
        : primitive(make_state(state_type::bytes_for(checked(parties)), checked(parties), timeout)), action_(std::move(action)) {}

    template <class Tag, class Count>
    Barrier(Tag tag, const object_name& name, Count parties, action_type action, std::int64_t timeout)
        : primitive(named_state(tag, name, detail::named_kind::barrier, "barrier", checked(parties), checked(parties), timeout)),
          action_(std::move(action)) {}

    template <class Count>
    [[nodiscard]] static std::uint32_t checked(Count parties) {
        return detail::checked_count("the parties of a Barrier", parties, 1, state_type::most);
    }

    /// A time that is too long to be represented is for ever.
    template <class Rep, class Period>
    [[nodiscard]] static std::int64_t nanoseconds_in(const std::chrono::duration<Rep, Period>& time) {
        using nanoseconds = std::chrono::nanoseconds;
        if (std::chrono::duration<double>(time) >= std::chrono::duration<double>(nanoseconds::max())) {
            return no_timeout;
        }
        return time <= time.zero() ? 0 : std::chrono::ceil<nanoseconds>(time).count();
    }

    [[nodiscard]] int wait_until_deadline(platform::deadline until) const {
        const auto mine = state().arrive(until);
        if (!mine) {
            throw BrokenBarrier();
        }
        const bool is_last = mine->place + 1 == state().parties;
        if (is_last && action_) {
            try {
                action_();
            } catch (...) {
                state().break_round(mine->round);
                throw;
            }
        }
        const auto outcome = is_last ? state().pass(mine->round) : state().wait_for_end(*mine, until);
        if (outcome == state_type::outcome::broken) {
            throw BrokenBarrier();
        }
        return static_cast<int>(mine->place);
    }

    action_type action_;
};

template <>
struct reduction::reducer<Barrier> {
    static void reduce(const Barrier& barrier, outgoing& out) {
        if (barrier.action_) {
            throw std::invalid_argument("multiprocessing: the action of a Barrier is a function of this process and cannot be passed to another; pass "
                                        "a Barrier without one, and let each process make its own handle of it: Barrier(barrier, action)");
        }
        detail::primitive_access::reduce(barrier, out);
    }
    [[nodiscard]] static Barrier rebuild(incoming& in) {
        return detail::primitive_access::make<Barrier>(detail::primitive_access::rebuild<detail::barrier_state>(in));
    }
};

} // namespace multiprocessing
