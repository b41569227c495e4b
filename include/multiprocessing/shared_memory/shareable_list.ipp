#pragma once

#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/base/slice.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/shared_memory/detail/item_codec.hpp>
#include <multiprocessing/shared_memory/detail/list_layout.hpp>
#include <multiprocessing/shared_memory/detail/making.hpp>
#include <multiprocessing/shared_memory/detail/prepared_list.hpp>
#include <multiprocessing/shared_memory/detail/python_repr.hpp>
#include <multiprocessing/shared_memory/shareable_list.hpp>

#include <cstring>
#include <optional>
#include <ostream>
#include <sstream>
#include <stdexcept>

namespace multiprocessing {

namespace detail {

[[nodiscard]] inline SharedMemory make_list_memory(std::optional<std::string_view> wanted, std::span<const ShareableItem> items) {
    const prepared_list list(items);
    return shared_memory_access::handle(make_by(wanted, list.size(), [&](const std::string& name) {
        return platform::named_memory::create(name, list.size(), owner_only.bits(), list);
    }));
}

[[nodiscard]] inline format_field format_of_item(const std::byte* first, const list_layout& layout, std::size_t i) noexcept {
    format_field field;
    std::memcpy(field.data(), first + layout.format(i), field.size());
    return field;
}

} // namespace detail

struct ShareableList::list_state {
    SharedMemory shm;
    detail::list_layout layout;
};

MULTIPROCESSING_INLINE ShareableList::ShareableList(const SharedMemory& memory)
    : state_(std::make_shared<const list_state>(list_state{memory, detail::list_layout::read(memory.buf(), memory.name())})) {}

MULTIPROCESSING_INLINE SharedMemory ShareableList::make(std::span<const ShareableItem> items) {
    return detail::make_list_memory(std::nullopt, items);
}

MULTIPROCESSING_INLINE SharedMemory ShareableList::make(std::string_view name, std::span<const ShareableItem> items) {
    return detail::make_list_memory(name, items);
}

MULTIPROCESSING_INLINE std::size_t ShareableList::size() const { return state().layout.items(); }

MULTIPROCESSING_INLINE const SharedMemory& ShareableList::shm() const { return state().shm; }

MULTIPROCESSING_INLINE const ShareableList::list_state& ShareableList::state() const {
    if (!state_) {
        detail::throw_moved_from();
    }
    return *state_;
}

MULTIPROCESSING_INLINE ShareableList::reference ShareableList::operator[](std::ptrdiff_t index) const {
    return {*this, detail::checked_index(index, size())};
}

MULTIPROCESSING_INLINE ShareableItem ShareableList::get(std::ptrdiff_t index) const { return read(detail::checked_index(index, size())); }

MULTIPROCESSING_INLINE void ShareableList::set(std::ptrdiff_t index, const ShareableItem& item) const {
    const std::size_t i = detail::checked_index(index, size());
    const detail::list_layout& layout = state().layout;
    detail::write_item(shm().buf().data(), layout, i, detail::encode_item(item, layout.slot_size(i)));
}

MULTIPROCESSING_INLINE std::size_t ShareableList::count(const ShareableItem& item) const {
    std::size_t found = 0;
    for (std::size_t i = 0; i < size(); ++i) {
        if (is_equal_in_python(read(i), item)) {
            ++found;
        }
    }
    return found;
}

MULTIPROCESSING_INLINE std::size_t ShareableList::index(const ShareableItem& item) const {
    for (std::size_t i = 0; i < size(); ++i) {
        if (is_equal_in_python(read(i), item)) {
            return i;
        }
    }
    throw std::invalid_argument("multiprocessing: index of an item that is not in the ShareableList \"" + detail::escaped(shm().name()) + "\"");
}

MULTIPROCESSING_INLINE std::string ShareableList::format() const {
    std::string all;
    for (std::size_t i = 0; i < size(); ++i) {
        all += detail::format_text(detail::format_of_item(shm().buf().data(), state().layout, i));
    }
    return all;
}

MULTIPROCESSING_INLINE ShareableItem ShareableList::read(std::size_t i) const {
    const detail::list_layout& layout = state().layout;
    const std::byte* const first = shm().buf().data();
    // A copy: what is checked is what is used, whatever is written there meanwhile.
    const detail::format_field format = detail::format_of_item(first, layout, i);
    const auto code = static_cast<detail::item_code>(first[layout.code(i)]);
    if (ShareableItem item; detail::decode_item(item, format, code, first + layout.slot(i), layout.slot_size(i))) {
        return item;
    }
    std::ostringstream what;
    what << "multiprocessing: item " << i << " of the ShareableList \"" << detail::escaped(shm().name()) << "\" has the format ";
    detail::print_repr(what, detail::format_text(format), detail::text_kind::bytes);
    what << " and the code " << static_cast<int>(code) << " in " << layout.slot_size(i) << " bytes, which is nothing that Python writes";
    throw LayoutError(what.str());
}

MULTIPROCESSING_INLINE std::ostream& ShareableList::print(std::ostream& out) const {
    out << "ShareableList([";
    for (std::size_t i = 0; i < size(); ++i) {
        detail::print_item(out << (i == 0 ? "" : ", "), read(i));
    }
    return out << "], name='" << shm().name() << "')";
}

MULTIPROCESSING_INLINE void ShareableList::reference::refuse_type_of(const ShareableItem& item) const {
    std::ostringstream what;
    what << "multiprocessing: item " << index_ << " of the ShareableList \"" << detail::escaped(list_.shm().name())
         << "\" is of another type than was asked for: ";
    detail::print_item(what, item);
    throw std::invalid_argument(what.str());
}

} // namespace multiprocessing
