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
#include <multiprocessing/synchronize/detail/permit_table.hpp>
#include <multiprocessing/synchronize/detail/primitive.hpp>

#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <utility>

/// \file
/// A number of permits that come back when those who have them die.

namespace multiprocessing {

/// A semaphore in shared memory that never has more permits than it began with, and knows who has them: Python's
/// `multiprocessing.BoundedSemaphore`, in the form of the standard's lockable types. For a pool of anything: connections, slots, licences.
///
/// A BoundedSemaphore is a handle: a copy refers to the same permits, and so do the handles that a forked child inherits and that a spawned
/// one is passed. A forked child has none of its parent's permits. Timed forms and Python's spellings: detail/acquirable.hpp.
///
/// *Kill.* The permits of a thread that ends, however it ends (SIGKILL, `exit`, its return), are free: at once for whoever asks, at
/// the end of a slice (docs/synchronisation.md) for one who is asleep.
///
/// *Cost.* Uncontended, one atomic exchange to acquire and one to release, no system call; both search through the permits from the front.
///
/// \see docs/synchronisation.md, examples/semaphore_slots.cpp
class BoundedSemaphore : public detail::primitive<detail::permit_table>, public detail::acquirable_permits<BoundedSemaphore> {
public:
    /// With 1 permit. Throws `std::system_error` when there is no memory.
    BoundedSemaphore() : BoundedSemaphore(1) {}

    /// With so many, 0 to 65,536, and never more. Throws `std::invalid_argument` for another number.
    template <std::integral Count>
    explicit BoundedSemaphore(Count permits)
        : BoundedSemaphore(made(detail::checked_count("a BoundedSemaphore", permits, 0, detail::permit_table::most))) {}

    /// A named one, new (`create_only`) with so many permits, or, with `open_or_create`, the one that is there, which must have as many.
    /// Throws as RLock's.
    template <detail::making_tag Tag, std::integral Count = int>
    BoundedSemaphore(Tag tag, const object_name& name, Count permits = 1)
        : BoundedSemaphore(made(tag, name, detail::checked_count("a BoundedSemaphore", permits, 0, detail::permit_table::most))) {}
    /// A named semaphore that somebody made.
    BoundedSemaphore(open_only_t tag, const object_name& name);

    /// Waits, as long as it takes, for a permit and takes it. A thread may take several. Throws `std::system_error`,
    /// resource_unavailable_try_again, when the thread cannot be given a name (see RLock).
    void lock() const { static_cast<void>(acquire_until(platform::no_deadline)); }

    /// Takes a permit if there is one; whether there was. Throws as `lock`.
    [[nodiscard]] bool try_lock() const { return state().try_take(places()); }

    /// Gives a permit back: one of this thread's or, if it has none, one of another living thread's, as Python allows anybody to release.
    /// (Then the accounts are of the wrong thread until the other releases as well: should one die meanwhile, a permit may come back too
    /// early or not at all. Release where you acquired.) Never blocks. Throws `std::system_error`, operation_not_permitted, and changes nothing,
    /// when all permits are free: there are never more than at the beginning.
    void unlock() const {
        if (!state().give(places())) {
            throw_too_many();
        }
    }

    /// How many permits are free at this moment, those of the dead among them: Python's `get_value()`. Others may take or give some before you
    /// look at the number.
    [[nodiscard]] int value() const { return static_cast<int>(state().free_permits(places())); }

    /// `<BoundedSemaphore(value=2, maxvalue=4)>`, as Python prints it.
    friend std::ostream& operator<<(std::ostream& out, const BoundedSemaphore& semaphore);

private:
    friend detail::primitive_access;
    friend detail::acquirable<BoundedSemaphore>;

    explicit BoundedSemaphore(detail::state_block made) : primitive(std::move(made)) {}

    [[nodiscard]] static detail::state_block made(std::uint32_t permits);
    [[nodiscard]] static detail::state_block made(detail::naming how, const object_name& name, std::uint32_t permits);
    [[noreturn]] static void throw_too_many();

    [[nodiscard]] bool acquire_until(platform::deadline until) const { return state().take_until(places(), until); }
};

template <>
struct reduction::reducer<BoundedSemaphore> {
    static void reduce(const BoundedSemaphore& semaphore, outgoing& out);
    [[nodiscard]] static BoundedSemaphore rebuild(incoming& in);
};

/// \cond for format.hpp
template <>
inline constexpr bool detail::is_printed_by_stream<BoundedSemaphore> = true;
/// \endcond

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/bounded_semaphore.ipp>
#endif
