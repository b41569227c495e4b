#pragma once

#include <multiprocessing/synchronize/condition.hpp>
#include <multiprocessing/synchronize/detail/primitive_state.hpp>
#include <multiprocessing/synchronize/detail/waiter_table.hpp>

#include <optional>
#include <ostream>

namespace multiprocessing {

MULTIPROCESSING_INLINE Condition::Condition(open_only_t tag, const object_name& name)
    : Condition(detail::named_state<detail::waiter_table>(tag, name, detail::named_kind::condition, "condition", std::nullopt)) {}

MULTIPROCESSING_INLINE detail::state_block Condition::made(std::uint32_t waiters, const detail::lock_handle& lock) {
    return detail::make_state<detail::waiter_table>(waiters, waiters, detail::lock_access::header(lock));
}

MULTIPROCESSING_INLINE detail::state_block Condition::made(detail::naming how, const object_name& name, std::uint32_t waiters) {
    static_assert(most_waiters == detail::waiter_table::most);
    return detail::named_state<detail::waiter_table>(how, name, detail::named_kind::condition, "condition", waiters, waiters,
                                                     detail::guard_header{});
}

MULTIPROCESSING_INLINE void Condition::notify_waiters(std::uint32_t count) const noexcept {
    state().notify(places(), detail::lock_access::header(lock_), count);
}

MULTIPROCESSING_INLINE bool Condition::wait_as_owner(platform::deadline until) const {
    return state().wait_until(places(), detail::lock_access::header(lock_), until);
}

MULTIPROCESSING_INLINE std::ostream& operator<<(std::ostream& out, const Condition& condition) {
    return out << "<Condition(" << condition.lock_ << ", " << condition.state().waiting_count(condition.places()) << ")>";
}

MULTIPROCESSING_INLINE void reduction::reducer<Condition>::reduce(const Condition& condition, outgoing& out) {
    detail::lock_access::reduce(condition.lock_, out);
    detail::reduce_state<detail::waiter_table>(condition, out);
}

MULTIPROCESSING_INLINE Condition reduction::reducer<Condition>::rebuild(incoming& in) {
    auto lock = reducer<detail::lock_handle>::rebuild(in);
    return Condition(detail::rebuild_state<detail::waiter_table>(in), std::move(lock));
}

} // namespace multiprocessing
