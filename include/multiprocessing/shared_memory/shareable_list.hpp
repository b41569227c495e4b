#pragma once

#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/reduction/reducer.hpp>
#include <multiprocessing/sharedctypes/detail/deleted.hpp>
#include <multiprocessing/sharedctypes/detail/slice.hpp>
#include <multiprocessing/shared_memory/detail/item_codec.hpp>
#include <multiprocessing/shared_memory/detail/list_layout.hpp>
#include <multiprocessing/shared_memory/shareable_item.hpp>
#include <multiprocessing/shared_memory/shared_memory.hpp>

#include <atomic>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>
#include <ranges>
#include <sstream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// \file
/// A list of mixed items that any process finds by a name: Python's `shared_memory.ShareableList`.

namespace multiprocessing {

/// A list of fixed length in a `SharedMemory`, byte for byte as CPython writes it: either side may make it, read it, change it and remove it.
///
/// An item keeps the room it was made with. It may be set to a number, a truth value or `none` at any time, whatever it was, and to text or
/// bytes that fit: at least as long as what it was made with, rounded up to 8 bytes. Zeros at the end of text and bytes are kept, except
/// when the value fills its room to the last byte; CPython, when it reads them, keeps those of bytes only.
///
/// A handle behaves as a Python name does: a copy refers to the same list. `ShareableList(create_only, list)` makes another one of the same items.
/// The list stays, as its memory does, until `shm().unlink()`; Windows: until the last handle is gone.
///
/// **CPython's layout has no lock.** Setting an item to another of the same type, of numbers, truth values and `none`, is one store.
/// Anything else is several, and another process may read between them, or find the item so when the writer was killed there: the new
/// content with the old type. It never reads outside of the list. Where that matters, hold an `RLock` meanwhile, in all processes. No
/// function blocks.
///
/// A forked child has the list; to `spawn` it travels by its name, as Python pickles it.
///
/// \see docs/python_interop.md, examples/python_interop.cpp
class ShareableList {
public:
    using value_type = ShareableItem; ///< A copy of an item.
    using size_type = std::size_t;    ///< Of the number of items.
    class reference;
    class iterator;

    /// A list of these items, in new memory with a name of its own: `ShareableList list{"howdy", 42, mp::none}`. Throws `std::length_error`
    /// for an item of 10 MB or more, `std::invalid_argument` for text that is not UTF-8, and what `SharedMemory` throws; then there is
    /// nothing new.
    ShareableList(std::initializer_list<ShareableItem> items = {}) : ShareableList(make(std::nullopt, items)) {}

    /// The same of any range of items, another list among them: a duplicate.
    template <std::ranges::input_range R>
        requires std::constructible_from<ShareableItem, std::ranges::range_reference_t<R>>
    ShareableList(create_only_t, R&& items) : ShareableList(make(std::nullopt, collect(items))) {}

    /// The same under a name of one's own. Throws `std::system_error` with `file_exists` when it is taken.
    ShareableList(create_only_t, std::string_view name, std::initializer_list<ShareableItem> items)
        : ShareableList(make(std::string(name), items)) {}
    /// The same of any range of items.
    template <std::ranges::input_range R>
        requires std::constructible_from<ShareableItem, std::ranges::range_reference_t<R>>
    ShareableList(create_only_t, std::string_view name, R&& items) : ShareableList(make(std::string(name), collect(items))) {}

    /// Opens what another process, or this one, has made. Throws what opening a `SharedMemory` throws, and `LayoutError` when
    /// there is no list in it. A list that CPython is just making looks empty.
    ShareableList(open_only_t, std::string_view name) : ShareableList(SharedMemory(open_only, name)) {}

    [[nodiscard]] std::size_t size() const noexcept { return state_->layout.items(); } ///< Of items; it never changes.
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }                  ///< Whether there are none.

    /// The item, to read or to assign to; -1 is the last. Throws `std::out_of_range` for an index that is none, on either side.
    [[nodiscard]] reference operator[](std::ptrdiff_t index) const;

    /// A copy of the item. Throws `std::out_of_range`, and `LayoutError` when there is something there that is no item.
    [[nodiscard]] ShareableItem get(std::ptrdiff_t index) const { return read(detail::checked_index(index, size())); }

    /// Throws `std::out_of_range`, `std::length_error` when it does not fit, `std::invalid_argument` for text that is not UTF-8; then
    /// nothing is changed.
    void set(std::ptrdiff_t index, const ShareableItem& item) const {
        const std::size_t i = detail::checked_index(index, size());
        write(bytes_of(state_->shm), state_->layout, i, detail::encode_item(item, state_->layout.slot_size(i)));
    }

    template <class T>
        requires(!std::convertible_to<const T&, ShareableItem>)
    void set(std::ptrdiff_t, const T&) const = MULTIPROCESSING_DELETE("a ShareableList holds what Python's does: mp::none, bool, integers that fit std::int64_t, double, text and mp::bytes");

    /// Copies of the items, one after the other.
    /// @{
    [[nodiscard]] iterator begin() const noexcept;
    [[nodiscard]] iterator end() const noexcept;
    /// @}

    /// How many items are equal to it as Python has it: `1`, `1.0` and `True` are equal.
    [[nodiscard]] std::size_t count(const ShareableItem& item) const {
        std::size_t found = 0;
        for (std::size_t i = 0; i < size(); ++i) {
            found += is_equal_in_python(read(i), item) ? 1 : 0;
        }
        return found;
    }

    /// Where the first item is that is equal to it. Throws `std::invalid_argument` when there is none.
    [[nodiscard]] std::size_t index(const ShareableItem& item) const {
        for (std::size_t i = 0; i < size(); ++i) {
            if (is_equal_in_python(read(i), item)) {
                return i;
            }
        }
        throw std::invalid_argument("multiprocessing: index of an item that is not in the ShareableList \"" + shm().name() + "\"");
    }

    /// The formats of all items, one after the other, as Python's `struct` module writes them: `8sqd`.
    [[nodiscard]] std::string format() const {
        std::string all;
        for (std::size_t i = 0; i < size(); ++i) {
            all += detail::format_text(format_of(i));
        }
        return all;
    }

    /// The memory that the list is in: its name, and how to close and unlink it.
    [[nodiscard]] const SharedMemory& shm() const noexcept { return state_->shm; }

    /// As Python prints it: `ShareableList(['howdy', 42, None], name='psm_0123abcd')`
    friend std::ostream& operator<<(std::ostream& out, const ShareableList& list) {
        out << "ShareableList([";
        for (std::size_t i = 0; i < list.size(); ++i) {
            detail::print_item(out << (i == 0 ? "" : ", "), list.read(i));
        }
        return out << "], name='" << list.shm().name() << "')";
    }

private:
    struct state {
        SharedMemory shm;
        detail::list_layout layout;
    };

    explicit ShareableList(const SharedMemory& memory)
        : state_(std::make_shared<const state>(state{memory, detail::list_layout::read(memory.buf(), memory.name())})) {}

    friend class SharedMemoryManager;

    template <class R>
    [[nodiscard]] static std::vector<ShareableItem> collect(R&& items) {
        std::vector<ShareableItem> all;
        for (auto&& each : items) {
            all.emplace_back(std::forward<decltype(each)>(each));
        }
        return all;
    }

    /// Everything is checked and encoded before there is any memory.
    struct prepared {
        detail::list_layout layout;
        std::vector<detail::coded_item> items;

        explicit prepared(std::span<const ShareableItem> all) : layout(detail::list_layout::of(all)) {
            items.reserve(all.size());
            for (std::size_t i = 0; i < all.size(); ++i) {
                items.push_back(detail::encode_item(all[i], layout.slot_size(i)));
            }
        }
        void operator()(std::byte* first) const noexcept {
            layout.write(first);
            for (std::size_t i = 0; i < items.size(); ++i) {
                write(first, layout, i, items[i]);
            }
        }
    };

    template <class Create = decltype(detail::shared_memory_access::by_itself)>
    [[nodiscard]] static SharedMemory make(const std::optional<std::string>& name, std::span<const ShareableItem> items, const Create& create = {}) {
        const prepared fill(items);
        return detail::shared_memory_access::make(name, fill.layout.end(), fill, create);
    }

    [[nodiscard]] static std::byte* bytes_of(const SharedMemory& memory) { return memory.buf().data(); }

    [[nodiscard]] detail::format_field format_of(std::size_t i) const {
        detail::format_field field;
        std::memcpy(field.data(), bytes_of(state_->shm) + state_->layout.format(i), field.size());
        return field;
    }

    [[nodiscard]] ShareableItem read(std::size_t i) const {
        const detail::list_layout& layout = state_->layout;
        const std::byte* const first = bytes_of(state_->shm);
        const detail::format_field format = format_of(i); // a copy: what is checked is what is used, whatever is written there meanwhile
        const auto code = static_cast<detail::item_code>(first[layout.code(i)]);
        if (auto item = detail::decode_item(format, code, first + layout.slot(i), layout.slot_size(i))) {
            return *std::move(item);
        }
        std::ostringstream what;
        what << "multiprocessing: item " << i << " of the ShareableList \"" << shm().name() << "\" has the format ";
        detail::print_repr(what, detail::format_text(format), detail::text_kind::bytes);
        what << " and the code " << static_cast<int>(code) << " in " << layout.slot_size(i) << " bytes, which is nothing that Python writes";
        throw LayoutError(what.str());
    }

    /// The content first: whoever reads before the rest is written, finds it with the old type.
    static void write(std::byte* first, const detail::list_layout& layout, std::size_t i, const detail::coded_item& item) noexcept {
        std::byte* const slot = first + layout.slot(i);
        if (item.content) {
            std::memcpy(slot, item.content->data(), item.content->size());
            std::memset(slot + item.content->size(), 0, layout.slot_size(i) - item.content->size());
        } else {
            store(slot, item.word);
        }
        store(first + layout.format(i), std::bit_cast<std::uint64_t>(item.format));
        first[layout.code(i)] = static_cast<std::byte>(item.code);
    }

    /// At a multiple of 8: in one step.
    static void store(std::byte* place, std::uint64_t word) noexcept {
        std::atomic_ref(*reinterpret_cast<std::uint64_t*>(place)).store(word, std::memory_order_release);
    }

    std::shared_ptr<const state> state_;
};

/// An item of a list, as `list[i]` gives it: to be read, assigned to, compared and printed, and not to be kept.
class ShareableList::reference {
public:
    reference(const reference&) = default;

    /// A copy of the item. Throws `LayoutError` when there is something there that is no item.
    /// @{
    [[nodiscard]] ShareableItem get() const { return list_.read(index_); }
    operator ShareableItem() const { return get(); }
    /// @}

    /// The value, which must be of that type: `list[2].get<double>()`. Throws `std::invalid_argument` when it is of another.
    template <class T>
        requires std::constructible_from<ShareableItem, std::in_place_type_t<T>>
    [[nodiscard]] T get() const {
        ShareableItem item = get();
        if (T* const value = std::get_if<T>(&item)) {
            return std::move(*value);
        }
        std::ostringstream what;
        what << "multiprocessing: item " << index_ << " of the ShareableList \"" << list_.shm().name() << "\" is of another type than was asked for: ";
        detail::print_item(what, item);
        throw std::invalid_argument(what.str());
    }

    /// Sets the item, as `ShareableList::set`; to a copy of what another one has.
    /// @{
    const reference& operator=(const ShareableItem& item) const {
        list_.set(static_cast<std::ptrdiff_t>(index_), item);
        return *this;
    }
    const reference& operator=(const reference& other) const { return *this = other.get(); }
    template <class T>
        requires(!std::convertible_to<const T&, ShareableItem>)
    const reference& operator=(const T&) const = MULTIPROCESSING_DELETE("a ShareableList holds what Python's does: mp::none, bool, integers that fit std::int64_t, double, text and mp::bytes");
    /// @}

    /// As Python has it.
    friend bool operator==(const reference& one, const ShareableItem& other) { return is_equal_in_python(one.get(), other); }

    /// As Python prints the item.
    friend std::ostream& operator<<(std::ostream& out, const reference& one) {
        return detail::print_item(out, one.get());
    }

private:
    friend ShareableList;
    reference(const ShareableList& list, std::size_t index) noexcept : list_(list), index_(index) {}

    ShareableList list_;
    std::size_t index_;
};

class ShareableList::iterator {
public:
    using value_type = ShareableItem;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::forward_iterator_tag;

    iterator() = default;
    [[nodiscard]] ShareableItem operator*() const { return list_->read(index_); }
    iterator& operator++() noexcept {
        ++index_;
        return *this;
    }
    iterator operator++(int) noexcept { return {list_, index_++}; }
    friend bool operator==(const iterator&, const iterator&) = default;

private:
    friend ShareableList;
    iterator(const ShareableList* list, std::size_t index) noexcept : list_(list), index_(index) {}

    const ShareableList* list_ = nullptr;
    std::size_t index_ = 0;
};

inline ShareableList::reference ShareableList::operator[](std::ptrdiff_t index) const { return {*this, detail::checked_index(index, size())}; }
inline ShareableList::iterator ShareableList::begin() const noexcept { return {this, 0}; }
inline ShareableList::iterator ShareableList::end() const noexcept { return {this, size()}; }

static_assert(std::forward_iterator<ShareableList::iterator>);

template <>
struct reduction::reducer<ShareableList> {
    static void reduce(const ShareableList& list, outgoing& out) { encode(out, list.shm().name()); }
    [[nodiscard]] static ShareableList rebuild(incoming& in) { return {open_only, decode<std::string>(in)}; }
};

} // namespace multiprocessing
