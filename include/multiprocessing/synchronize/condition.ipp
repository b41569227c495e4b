#pragma once

#include <multiprocessing/memory/named_header.hpp>
#include <multiprocessing/platform/memory_identity.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/synchronize/condition.hpp>
#include <multiprocessing/synchronize/detail/primitive_state.hpp>
#include <multiprocessing/synchronize/detail/waiter_table.hpp>

#include <cstdint>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>

namespace multiprocessing {

namespace detail {

/// The state of a named condition; `args` are of a new one. It must be, or have been, made for the lock `lock_of_another`.
template <class... Args>
[[nodiscard]] state_block named_waiter_table(naming how, const object_name& name, std::optional<std::uint64_t> waiters, std::uint64_t lock_of_another,
                                             const Args&... args) {
    auto named = named_state<waiter_table>(how, name, named_kind::condition, "condition", waiters, args...);
    if (reinterpret_cast<const waiter_table*>(named.block.address())->lock_of_another != lock_of_another) {
        throw LayoutError("multiprocessing: the Condition \"" + name.text() + "\" was made with " +
                          (lock_of_another == 0 ? "the lock of another object: open it with that, Condition(open_only, name, lock)"
                                                : "another lock: open it with that one; or unlink it, and make it anew"));
    }
    return named;
}

/// Not 0, and another number for each lock that has a name: of its memory, and the place there.
[[nodiscard]] MULTIPROCESSING_INLINE std::uint64_t number_of_named_lock(const lock_handle& lock) {
    const memory::location place = lock_access::block(lock).locate();
    const auto memory = platform::memory_identity::of(place.object->handle());
    if (lock_access::header(lock).scope() == robust::life_scope::family || !memory) {
        throw std::invalid_argument("multiprocessing: a Condition with a name was to have a lock without one, which other programs cannot open: give it the "
                                    "lock of an object with a name, or none, and it has one of its own");
    }
    return fnv1a(memory->text() + '+' + std::to_string(place.offset)) | 1;
}

} // namespace detail

MULTIPROCESSING_INLINE Condition::Condition(open_only_t tag, const object_name& name)
    : Condition(detail::named_waiter_table(tag, name, std::nullopt, 0)) {}

MULTIPROCESSING_INLINE Condition::Condition(open_only_t tag, const object_name& name, detail::lock_handle lock)
    : Condition(made(tag, name, std::nullopt, lock), std::move(lock)) {}

MULTIPROCESSING_INLINE detail::state_block Condition::made(std::uint32_t waiters, const detail::lock_handle& lock) {
    const robust::mutex& header = detail::lock_access::header(lock);
    if (header.scope() != robust::life_scope::family) {
        throw std::invalid_argument("multiprocessing: a Condition without a name was to have the lock of an object with one: other programs that have the object would "
                                    "not know of it. Give it a name as well: Condition(open_or_create, name, lock)");
    }
    return detail::make_state<detail::waiter_table>(waiters, waiters, header);
}

MULTIPROCESSING_INLINE detail::state_block Condition::made(detail::naming how, const object_name& name, std::uint32_t waiters) {
    static_assert(most_waiters == detail::waiter_table::most);
    return detail::named_waiter_table(how, name, waiters, 0, waiters, robust::mutex{});
}

MULTIPROCESSING_INLINE detail::state_block Condition::made(detail::naming how, const object_name& name, std::optional<std::uint32_t> waiters,
                                                           const detail::lock_handle& lock) {
    const std::uint64_t number = detail::number_of_named_lock(lock);
    return detail::named_waiter_table(how, name, waiters, number, waiters.value_or(0), detail::lock_access::header(lock), number);
}

MULTIPROCESSING_INLINE void Condition::notify_waiters(std::uint32_t count) const {
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
