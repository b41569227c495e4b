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
#include <multiprocessing/synchronize/detail/event_state.hpp>
#include <multiprocessing/synchronize/detail/primitive.hpp>

#include <iosfwd>
#include <utility>

/// \file
/// A flag that processes wait for.

namespace multiprocessing {

/// A flag in shared memory that is set or not, and that any number of threads and processes wait for: Python's `multiprocessing.Event`.
///
/// An Event is a handle: a copy refers to the same flag, and so do the handles that a forked child inherits and that a spawned one is
/// passed.
///
/// *Kill.* Nobody owns anything here. Whoever is killed, in `wait` or in `set`, the others wait on or have been woken, at most one slice (docs/synchronisation.md)
/// late. `set` never waits for those it wakes.
///
/// \see docs/synchronisation.md, examples/event_and_barrier.cpp
class Event : public detail::primitive<detail::event_state> {
public:
    /// A new event, not set. Throws `std::system_error` when there is no memory.
    Event();

    /// A named event, new (`create_only`), there already (`open_only`), or either. Throws as RLock's.
    Event(detail::naming how, const object_name& name);

    /// Whether it is set. Never blocks; async-signal-safe.
    [[nodiscard]] bool is_set() const { return state().is_set(); }

    /// Sets it, and wakes all who wait. Never blocks; async-signal-safe on POSIX. Everything done before it is seen by whom it wakes.
    void set() const { state().set(); }

    /// The next to wait will wait until it is set again. Never blocks; async-signal-safe. Those whom a set() before it has woken return, even
    /// if they come to run only now.
    void clear() const { state().clear(); }

    /// Waits, as long as it takes, until the event is set; not at all if it is. (Python's returns True, always.)
    void wait() const { static_cast<void>(state().wait_until(platform::no_deadline)); }

    /// Waits for at most `wait`, by the monotonic clock; zero and less do not wait. Whether it was set.
    template <class Rep, class Period>
    bool wait_for(const std::chrono::duration<Rep, Period>& wait) const {
        return state().wait_until(platform::deadline_after(wait));
    }

    /// Waits until `when` at the latest. A time of a clock other than the steady one is translated once, at the call.
    template <class Clock, class Duration>
    bool wait_until(const std::chrono::time_point<Clock, Duration>& when) const {
        return state().wait_until(platform::deadline_at(when));
    }

    /// As Python prints it: `<Event at 0x7f0000001040 set>`, or `unset`.
    friend std::ostream& operator<<(std::ostream& out, const Event& event);

private:
    friend detail::primitive_access;

    explicit Event(detail::state_block made) : primitive(std::move(made)) {}
};

template <>
struct reduction::reducer<Event> {
    static void reduce(const Event& event, outgoing& out);
    [[nodiscard]] static Event rebuild(incoming& in);
};

/// \cond for format.hpp
template <>
inline constexpr bool detail::is_printed_by_stream<Event> = true;
/// \endcond

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/event.ipp>
#endif
