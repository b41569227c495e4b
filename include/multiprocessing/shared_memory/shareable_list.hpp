#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/deleted.hpp>
#include <multiprocessing/base/form.hpp>
#include <multiprocessing/base/printed_by_stream.hpp>
#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/reduction/reducer.hpp>
#include <multiprocessing/shared_memory/shareable_item.hpp>
#include <multiprocessing/shared_memory/shared_memory.hpp>

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <iosfwd>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// \file
/// A list of mixed items that any process finds by a name: Python's `shared_memory.ShareableList`.

namespace multiprocessing {

namespace detail {

template <class T>
concept character_item = std::same_as<std::remove_cvref_t<T>, char> || std::same_as<std::remove_cvref_t<T>, wchar_t> ||
                         std::same_as<std::remove_cvref_t<T>, char8_t> || std::same_as<std::remove_cvref_t<T>, char16_t> ||
                         std::same_as<std::remove_cvref_t<T>, char32_t>;

/// A text: an array or a range of characters. Its items would be their numbers, and a literal's the 0 at its end, too.
template <class R>
concept range_of_characters = requires(R& range) { requires character_item<decltype(*std::ranges::begin(range))>; };

/// A range of what items are made from: as std::ranges::input_range, whose header costs as much as all of this one.
template <class R>
concept item_range = !range_of_characters<R> && requires(R& range) {
    requires std::input_iterator<decltype(std::ranges::begin(range))>;
    requires std::sentinel_for<decltype(std::ranges::end(range)), decltype(std::ranges::begin(range))>;
    requires std::constructible_from<ShareableItem, decltype(*std::ranges::begin(range))>;
};

} // namespace detail

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
    ShareableList(std::initializer_list<ShareableItem> items = {}) : ShareableList(make(items)) {}

    /// The same of any range of items, another list among them: a duplicate.
    template <detail::item_range R>
    ShareableList(create_only_t, R&& items) : ShareableList(make(collect(items))) {}

    template <detail::range_of_characters R>
    ShareableList(create_only_t, R&& text) = MULTIPROCESSING_DELETE("a text is one item, not a range of them: write ShareableList{text}; for Python's list of its characters, a vector of one-character std::string");

    /// The same under a name of one's own. Throws `std::system_error` with `file_exists` when it is taken.
    ShareableList(create_only_t, std::string_view name, std::initializer_list<ShareableItem> items) : ShareableList(make(name, items)) {}
    /// The same of any range of items.
    template <detail::item_range R>
    ShareableList(create_only_t, std::string_view name, R&& items) : ShareableList(make(name, collect(items))) {}
    template <detail::range_of_characters R>
    ShareableList(create_only_t, std::string_view name, R&& text) = MULTIPROCESSING_DELETE("a text is one item, not a range of them: write ShareableList{text}; for Python's list of its characters, a vector of one-character std::string");

    /// Opens what another process, or this one, has made. Throws what opening a `SharedMemory` throws, and `LayoutError` when
    /// there is no list in it. A list that CPython is just making looks empty.
    ShareableList(open_only_t, std::string_view name) : ShareableList(SharedMemory(open_only, name)) {}

    [[nodiscard]] std::size_t size() const;                     ///< Of items; it never changes.
    [[nodiscard]] bool empty() const { return size() == 0; } ///< Whether there are none.

    /// The item, to read or to assign to; -1 is the last. Throws `std::out_of_range` for an index that is none, on either side.
    [[nodiscard]] reference operator[](std::ptrdiff_t index) const;

    /// A copy of the item. Throws `std::out_of_range`, and `LayoutError` when there is something there that is no item.
    [[nodiscard]] ShareableItem get(std::ptrdiff_t index) const;

    /// Throws `std::out_of_range`, `std::length_error` when it does not fit, `std::invalid_argument` for text that is not UTF-8; then
    /// nothing is changed.
    void set(std::ptrdiff_t index, const ShareableItem& item) const;

    template <class T>
        requires(!std::convertible_to<const T&, ShareableItem>)
    void set(std::ptrdiff_t, const T&) const = MULTIPROCESSING_DELETE("a ShareableList holds what Python's does: mp::none, bool, integers that fit std::int64_t, double, text and mp::bytes");

    /// Copies of the items, one after the other.
    /// @{
    [[nodiscard]] iterator begin() const;
    [[nodiscard]] iterator end() const;
    /// @}

    /// How many items are equal to it as Python has it: `1`, `1.0` and `True` are equal.
    [[nodiscard]] std::size_t count(const ShareableItem& item) const;

    /// Where the first item is that is equal to it. Throws `std::invalid_argument` when there is none.
    [[nodiscard]] std::size_t index(const ShareableItem& item) const;

    /// The formats of all items, one after the other, as Python's `struct` module writes them: `8sqd`.
    [[nodiscard]] std::string format() const;

    /// The memory that the list is in: its name, and how to close and unlink it.
    [[nodiscard]] const SharedMemory& shm() const;

    /// As Python prints it: `ShareableList(['howdy', 42, None], name='psm_0123abcd')`
    friend std::ostream& operator<<(std::ostream& out, const ShareableList& list) { return list.print(out); }

private:
    struct list_state;

    [[nodiscard]] const list_state& state() const;

    explicit ShareableList(const SharedMemory& memory);

    friend class SharedMemoryManager;

    template <class R>
    [[nodiscard]] static std::vector<ShareableItem> collect(R&& items) {
        std::vector<ShareableItem> all;
        for (auto&& each : items) {
            all.emplace_back(std::forward<decltype(each)>(each));
        }
        return all;
    }

    [[nodiscard]] static SharedMemory make(std::span<const ShareableItem> items);
    [[nodiscard]] static SharedMemory make(std::string_view name, std::span<const ShareableItem> items);

    [[nodiscard]] ShareableItem read(std::size_t i) const;
    std::ostream& print(std::ostream& out) const;

    std::shared_ptr<const list_state> state_;
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
        refuse_type_of(item);
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

    [[noreturn]] void refuse_type_of(const ShareableItem& item) const;

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

inline ShareableList::iterator ShareableList::begin() const { return {this, 0}; }
inline ShareableList::iterator ShareableList::end() const { return {this, size()}; }

static_assert(std::forward_iterator<ShareableList::iterator>);

template <>
struct reduction::reducer<ShareableList> {
    static void reduce(const ShareableList& list, outgoing& out) { detail::put_name(out, list.shm().name()); }
    [[nodiscard]] static ShareableList rebuild(incoming& in) { return {open_only, detail::take_name(in)}; }
};

/// \cond for format.hpp
template <>
inline constexpr bool detail::is_printed_by_stream<ShareableList> = true;
/// \endcond

/// \cond for format.hpp
template <>
inline constexpr bool detail::is_printed_by_stream<ShareableList::reference> = true;
/// \endcond

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/shared_memory/shareable_list.ipp>
#endif
