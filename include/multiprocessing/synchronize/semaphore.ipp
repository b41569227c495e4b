#pragma once

#include <multiprocessing/synchronize/detail/primitive_state.hpp>
#include <multiprocessing/synchronize/semaphore.hpp>

#include <ostream>
#include <system_error>

namespace multiprocessing {

MULTIPROCESSING_INLINE Semaphore::Semaphore(open_only_t tag, const object_name& name)
    : Semaphore(detail::named_state<detail::semaphore_state>(tag, name, detail::named_kind::semaphore, "semaphore", 1)) {}

MULTIPROCESSING_INLINE detail::state_block Semaphore::made(std::uint32_t permits) {
    return detail::make_state<detail::semaphore_state>(0, permits);
}

MULTIPROCESSING_INLINE detail::state_block Semaphore::made(detail::naming how, const object_name& name, std::uint32_t permits) {
    return detail::named_state<detail::semaphore_state>(how, name, detail::named_kind::semaphore, "semaphore", 1, permits);
}

MULTIPROCESSING_INLINE void Semaphore::throw_too_many() {
    throw std::system_error(std::make_error_code(std::errc::operation_not_permitted),
                            "multiprocessing: release of a Semaphore that has nearly 2,147,483,647 permits already");
}

MULTIPROCESSING_INLINE std::ostream& operator<<(std::ostream& out, const Semaphore& semaphore) {
    return out << "<Semaphore(value=" << semaphore.value() << ")>";
}

MULTIPROCESSING_INLINE void reduction::reducer<Semaphore>::reduce(const Semaphore& semaphore, outgoing& out) {
    detail::reduce_state<detail::semaphore_state>(semaphore, out);
}

MULTIPROCESSING_INLINE Semaphore reduction::reducer<Semaphore>::rebuild(incoming& in) {
    return detail::primitive_access::make<Semaphore>(detail::rebuild_state<detail::semaphore_state>(in));
}

} // namespace multiprocessing
