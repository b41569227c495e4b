#pragma once

#include <multiprocessing/synchronize/barrier.hpp>
#include <multiprocessing/synchronize/detail/barrier_state.hpp>
#include <multiprocessing/synchronize/detail/primitive_state.hpp>

#include <optional>
#include <ostream>

namespace multiprocessing {

MULTIPROCESSING_INLINE BrokenBarrier::BrokenBarrier()
    : std::runtime_error("multiprocessing: the Barrier is broken: a party died, ran out of time or failed in the action, or somebody "
                         "called abort() or reset()") {}

MULTIPROCESSING_INLINE Barrier::Barrier(open_only_t tag, const object_name& name, action_type action)
    : Barrier(detail::named_state<detail::barrier_state>(tag, name, detail::named_kind::barrier, "barrier", std::nullopt),
              std::move(action)) {}

MULTIPROCESSING_INLINE detail::state_block Barrier::made(std::uint32_t parties, std::int64_t timeout) {
    return detail::make_state<detail::barrier_state>(parties, parties, timeout);
}

MULTIPROCESSING_INLINE detail::state_block Barrier::made(detail::naming how, const object_name& name, std::uint32_t parties, std::int64_t timeout) {
    static_assert(most_parties == detail::barrier_state::most);
    return detail::named_state<detail::barrier_state>(how, name, detail::named_kind::barrier, "barrier", parties, parties, timeout);
}

MULTIPROCESSING_INLINE int Barrier::wait() const {
    const std::int64_t timeout = state().timeout;
    return wait_until_deadline(timeout == no_timeout ? platform::no_deadline
                                                     : platform::deadline_after(std::chrono::nanoseconds(timeout)));
}

MULTIPROCESSING_INLINE void Barrier::reset() const { state().reset(places()); }

MULTIPROCESSING_INLINE void Barrier::abort() const { state().abort(); }

MULTIPROCESSING_INLINE int Barrier::parties() const noexcept { return static_cast<int>(count()); }

MULTIPROCESSING_INLINE int Barrier::n_waiting() const { return static_cast<int>(state().arrived(places())); }

MULTIPROCESSING_INLINE bool Barrier::broken() const { return state().is_broken(); }

MULTIPROCESSING_INLINE std::ostream& operator<<(std::ostream& out, const Barrier& barrier) {
    out << "<Barrier at " << static_cast<const void*>(&barrier.state()) << ": ";
    return barrier.broken() ? out << "broken>" : out << "waiters=" << barrier.n_waiting() << '/' << barrier.parties() << '>';
}

MULTIPROCESSING_INLINE int Barrier::wait_until_deadline(platform::deadline until) const {
    const auto mine = state().arrive(places(), until);
    if (!mine) {
        throw BrokenBarrier();
    }
    const bool is_last = mine->place + 1 == count();
    if (is_last && action_) {
        try {
            action_();
        } catch (...) {
            state().break_round(mine->round);
            throw;
        }
    }
    const auto outcome = is_last ? state().pass(mine->round) : state().wait_for_end(places(), *mine, until);
    if (outcome == detail::barrier_state::outcome::broken) {
        throw BrokenBarrier();
    }
    return static_cast<int>(mine->place);
}

MULTIPROCESSING_INLINE void reduction::reducer<Barrier>::reduce(const Barrier& barrier, outgoing& out) {
    if (barrier.action_) {
        throw std::invalid_argument("multiprocessing: the action of a Barrier is a function of this process and cannot be passed to another; pass "
                                    "a Barrier without one, and let each process make its own handle of it: Barrier(barrier, action)");
    }
    detail::reduce_state<detail::barrier_state>(barrier, out);
}

MULTIPROCESSING_INLINE Barrier reduction::reducer<Barrier>::rebuild(incoming& in) {
    return detail::primitive_access::make<Barrier>(detail::rebuild_state<detail::barrier_state>(in));
}

} // namespace multiprocessing
