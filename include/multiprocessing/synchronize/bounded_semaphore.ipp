#pragma once

#include <multiprocessing/synchronize/bounded_semaphore.hpp>
#include <multiprocessing/synchronize/detail/primitive_state.hpp>

#include <optional>
#include <ostream>
#include <system_error>

namespace multiprocessing {

MULTIPROCESSING_INLINE BoundedSemaphore::BoundedSemaphore(open_only_t tag, const object_name& name)
    : BoundedSemaphore(
          detail::named_state<detail::permit_table>(tag, name, detail::named_kind::bounded_semaphore, "permits", std::nullopt)) {}

MULTIPROCESSING_INLINE detail::state_block BoundedSemaphore::made(std::uint32_t permits) {
    return detail::make_state<detail::permit_table>(permits, permits);
}

MULTIPROCESSING_INLINE detail::state_block BoundedSemaphore::made(detail::naming how, const object_name& name, std::uint32_t permits) {
    return detail::named_state<detail::permit_table>(how, name, detail::named_kind::bounded_semaphore, "permits", permits, permits);
}

MULTIPROCESSING_INLINE void BoundedSemaphore::throw_too_many() {
    throw std::system_error(std::make_error_code(std::errc::operation_not_permitted),
                            "multiprocessing: release of a BoundedSemaphore all of whose permits are free");
}

MULTIPROCESSING_INLINE std::ostream& operator<<(std::ostream& out, const BoundedSemaphore& semaphore) {
    return out << "<BoundedSemaphore(value=" << semaphore.value() << ", maxvalue=" << semaphore.count() << ")>";
}

MULTIPROCESSING_INLINE void reduction::reducer<BoundedSemaphore>::reduce(const BoundedSemaphore& semaphore, outgoing& out) {
    detail::reduce_state<detail::permit_table>(semaphore, out);
}

MULTIPROCESSING_INLINE BoundedSemaphore reduction::reducer<BoundedSemaphore>::rebuild(incoming& in) {
    return detail::primitive_access::make<BoundedSemaphore>(detail::rebuild_state<detail::permit_table>(in));
}

} // namespace multiprocessing
