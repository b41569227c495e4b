#pragma once

#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/memory/named_segment.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/robust/mutex.hpp>
#include <multiprocessing/robust/mutex_state.hpp>
#include <multiprocessing/robust/named_guard.hpp>
#include <multiprocessing/robust/redo_log.hpp>

#include <cstdint>
#include <utility>

namespace multiprocessing::robust {

MULTIPROCESSING_INLINE void require_usable(const object_name& name, const memory::named_content& content, memory::named_object& object) {
    auto& header = *reinterpret_cast<mutex*>(object.object.address());
    const auto scope = static_cast<life_scope>(object.life_scope);
    if ((scope != life_scope::user && scope != life_scope::object) || (scope == life_scope::object) != (object.life_offset != 0) ||
        header.scope() != scope) {
        throw LayoutError("multiprocessing: the lock of \"" + name.text() + "\" was damaged");
    }
    learn_lives(object, '"' + name.text() + '"', memory::named_segment::file_name(name));
    if (!header.is_sane(content.value_offset, content.kind == detail::named_kind::shared_array,
                        object.count * content.element_bytes)) {
        throw LayoutError("multiprocessing: \"" + name.text() + "\" was damaged: its lock, or the note of a store that was under way");
    }
}

MULTIPROCESSING_INLINE memory::named_object make_named_guarded(detail::naming how, const object_name& name, memory::named_content content,
                                                               detail::function_ref<void(std::byte*)> fill) {
    const life_scope scope = (name.mode() & platform::others_write) == 0 ? life_scope::user : life_scope::object;
    content.life_scope = static_cast<std::uint32_t>(scope);
    if (how.creates()) {
        content.life_table = scope == life_scope::user ? lives_of_this_user().number() : life_table_front::new_number();
    }
    auto made = memory::make_named(how, name, content, [&](std::byte* block) {
        auto& header = *reinterpret_cast<mutex*>(block);
        header.word = life_id::nobody(scope).bits();
        if (content.value_offset != 0) { // 0: a lock alone
            redo_log::set_layout(header, content.value_offset, content.kind == detail::named_kind::shared_array);
        }
        fill(block);
        const std::byte* const begin = block - memory::named_segment::object_offset;
        if (const std::uint64_t table = reinterpret_cast<const detail::named_header*>(begin)->life_offset; table != 0) {
            std::byte* const place = block + (table - memory::named_segment::object_offset);
            reinterpret_cast<life_table_front*>(place)->initialize(life_registry::object_capacity, content.life_table);
        }
    });
    require_usable(name, content, made);
    return made;
}

} // namespace multiprocessing::robust
