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
#include <multiprocessing/synchronize/detail/acquirable.hpp>
#include <multiprocessing/synchronize/detail/checked_count.hpp>
#include <multiprocessing/synchronize/detail/primitive.hpp>
#include <multiprocessing/synchronize/detail/semaphore_state.hpp>

#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <utility>

/// \file
/// A number of permits that processes take and give.

namespace multiprocessing {

/// A counting semaphore in shared memory: Python's `multiprocessing.Semaphore`, in the form of the standard's lockable types. Anybody may
/// give a permit, also one who took none: to hand something over, begin with 0 and let one process release what another acquires.
///
/// A Semaphore is a handle: a copy refers to the same permits, and so do the handles that a forked child inherits and that a spawned one
/// is passed. Timed forms and Python's spellings: detail/acquirable.hpp.
///
/// *Kill.* No wake-up is lost: whoever is killed, a permit that is there is taken by one who waits, at most one slice (docs/synchronisation.md) late. A permit that
/// the killed had taken is gone with them, for nobody knows whose it was; a BoundedSemaphore does.
///
/// *Cost.* Uncontended, one atomic exchange to acquire and one to release, no system call.
///
/// \see docs/synchronisation.md, examples/semaphore_slots.cpp
class Semaphore : public detail::primitive<detail::semaphore_state>, public detail::acquirable_permits<Semaphore> {
public:
    /// With 1 permit. Throws `std::system_error` when there is no memory.
    Semaphore() : Semaphore(1) {}

    /// With so many, 0 to 2,147,483,647. Throws `std::invalid_argument` for another number.
    template <std::integral Count>
    explicit Semaphore(Count permits)
        : Semaphore(made(detail::checked_count("a Semaphore", permits, 0, detail::semaphore_state::most))) {}

    /// A named semaphore, new (`create_only`) with so many permits, or there already (`open_or_create`, which then does not look at the
    /// number). Throws as RLock's.
    template <detail::making_tag Tag, std::integral Count = int>
    Semaphore(Tag tag, const object_name& name, Count permits = 1)
        : Semaphore(made(tag, name, detail::checked_count("a Semaphore", permits, 0, detail::semaphore_state::most))) {}
    /// A named semaphore that somebody made.
    Semaphore(open_only_t tag, const object_name& name);

    /// Waits, as long as it takes, for a permit and takes it.
    void lock() const { static_cast<void>(acquire_until(platform::no_deadline)); }

    /// Takes a permit if there is one; whether there was.
    [[nodiscard]] bool try_lock() const { return state().try_take(); }

    /// Gives one permit. Never blocks; throws as `release`.
    void unlock() const { release(1); }

    using acquirable::release;

    /// Gives so many permits, at once. Never blocks; async-signal-safe on POSIX but for its exceptions. Throws `std::invalid_argument` for less
    /// than 1, and `std::system_error`, operation_not_permitted, when there would be more than 2,147,483,647; nothing is changed then.
    template <std::integral Count>
    void release(Count count) const {
        if (!state().give(detail::checked_count("a release", count, 1, detail::semaphore_state::most))) {
            throw_too_many();
        }
    }

    /// How many permits there are at this moment: Python's `get_value()`. Others may take or give some before you look at the number.
    [[nodiscard]] int value() const { return static_cast<int>(state().permits()); }

    /// As Python prints it: `<Semaphore(value=2)>`.
    friend std::ostream& operator<<(std::ostream& out, const Semaphore& semaphore);

private:
    friend detail::primitive_access;
    friend detail::acquirable<Semaphore>;

    explicit Semaphore(detail::state_block made) : primitive(std::move(made)) {}

    [[nodiscard]] static detail::state_block made(std::uint32_t permits);
    [[nodiscard]] static detail::state_block made(detail::naming how, const object_name& name, std::uint32_t permits);
    [[noreturn]] static void throw_too_many();

    [[nodiscard]] bool acquire_until(platform::deadline until) const { return state().take_until(until); }
};

template <>
struct reduction::reducer<Semaphore> {
    static void reduce(const Semaphore& semaphore, outgoing& out);
    [[nodiscard]] static Semaphore rebuild(incoming& in);
};

/// \cond for format.hpp
template <>
inline constexpr bool detail::is_printed_by_stream<Semaphore> = true;
/// \endcond

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/semaphore.ipp>
#endif
