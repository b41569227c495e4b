#pragma once

#include <multiprocessing/synchronize/detail/primitive_state.hpp>
#include <multiprocessing/synchronize/event.hpp>

#include <ostream>

namespace multiprocessing {

MULTIPROCESSING_INLINE Event::Event() : Event(detail::make_state<detail::event_state>(0)) {}

MULTIPROCESSING_INLINE Event::Event(detail::naming how, const object_name& name)
    : Event(detail::named_state<detail::event_state>(how, name, detail::named_kind::event, "event", 1)) {}

MULTIPROCESSING_INLINE std::ostream& operator<<(std::ostream& out, const Event& event) {
    return out << "<Event at " << static_cast<const void*>(&event.state()) << (event.is_set() ? " set>" : " unset>");
}

MULTIPROCESSING_INLINE void reduction::reducer<Event>::reduce(const Event& event, outgoing& out) {
    detail::reduce_state<detail::event_state>(event, out);
}

MULTIPROCESSING_INLINE Event reduction::reducer<Event>::rebuild(incoming& in) {
    return detail::primitive_access::make<Event>(detail::rebuild_state<detail::event_state>(in));
}

} // namespace multiprocessing
