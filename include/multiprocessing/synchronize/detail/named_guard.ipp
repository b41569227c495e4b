#pragma once

#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/synchronize/detail/guard_header.hpp>
#include <multiprocessing/synchronize/detail/life_registry.hpp>
#include <multiprocessing/synchronize/detail/named_guard.hpp>
#include <multiprocessing/synchronize/detail/redo_log.hpp>
#include <multiprocessing/synchronize/detail/robust_lock.hpp>

#include <cstdint>
#include <utility>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE void require_usable(const object_name& name, const memory::named_content& content, const memory::named_object& object) {
    auto& header = *reinterpret_cast<guard_header*>(object.object.address());
    const auto scope = static_cast<life_scope>(object.life_scope);
    if ((scope != life_scope::user && scope != life_scope::everybody) || scope_of(header.word.load(std::memory_order_relaxed)) != scope) {
        throw LayoutError("multiprocessing: the lock of \"" + name.text() + "\" was damaged");
    }
    if (object.life_table != life_registry::of(scope).number()) {
        throw LayoutError("multiprocessing: the lock of \"" + name.text() + "\" is written in a table of lives that was removed while it was in use, "
                          "so nobody can tell any more who holds it: unlink(\"" + name.text() + "\"), and make it anew");
    }
    if (!robust_lock::is_sane(header, content.value_offset, content.kind == named_kind::shared_array,
                              object.count * content.element_bytes)) {
        throw LayoutError("multiprocessing: \"" + name.text() + "\" was damaged: its lock, or the note of a store that was under way");
    }
}

MULTIPROCESSING_INLINE memory::named_object make_named_guarded(naming how, const object_name& name, memory::named_content content,
                                                               function_ref<void(std::byte*)> fill) {
    constexpr std::uint32_t others = 0077;
    const life_scope scope = (name.mode() & others) == 0 ? life_scope::user : life_scope::everybody;
    content.life_scope = static_cast<std::uint32_t>(scope);
    content.life_table = life_registry::of(scope).number();
    auto made = memory::make_named(how, name, content, [&](std::byte* block) {
        auto& header = *reinterpret_cast<guard_header*>(block);
        header.word = nobody_of(scope);
        if (content.value_offset != 0) { // 0: a lock alone
            redo_log::set_layout(header, content.value_offset, content.kind == named_kind::shared_array);
        }
        fill(block);
    });
    require_usable(name, content, made);
    return made;
}

} // namespace multiprocessing::detail
