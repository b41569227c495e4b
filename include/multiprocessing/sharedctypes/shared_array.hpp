#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/character.hpp>
#include <multiprocessing/base/deleted.hpp>
#include <multiprocessing/base/printed_by_stream.hpp>
#include <multiprocessing/base/ranges.hpp>
#include <multiprocessing/base/slice.hpp>
#include <multiprocessing/base/word.hpp>
#include <multiprocessing/memory/allocate.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/memory/shareable.hpp>
#include <multiprocessing/robust/named_guard.hpp>
#include <multiprocessing/sharedctypes/detail/array_element.hpp>
#include <multiprocessing/sharedctypes/detail/array_operations.hpp>
#include <multiprocessing/sharedctypes/detail/copying_iterator.hpp>
#include <multiprocessing/sharedctypes/detail/elements.hpp>
#include <multiprocessing/sharedctypes/detail/external_log.hpp>
#include <multiprocessing/sharedctypes/detail/guarded_object.hpp>
#include <multiprocessing/sharedctypes/detail/named_content.hpp>
#include <multiprocessing/sharedctypes/detail/named_elements.hpp>
#include <multiprocessing/sharedctypes/detail/print.hpp>
#include <multiprocessing/sharedctypes/detail/shared_access.hpp>
#include <multiprocessing/sharedctypes/length.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/synchronized_span.hpp>
#include <multiprocessing/sharedctypes/with_lock.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <concepts>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <iosfwd>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

/// \file
/// An array in shared memory, guarded by a lock.

namespace multiprocessing {

/// `size()` objects of type `T` in shared memory, with one lock for all of them: Python's `Array`. `grid[3] += 1` takes the lock for that
/// one operation; `synchronize()` takes it for a loop; `slice` and `assign_slice` for many elements at once. The lock costs more than a
/// check, so every index is checked, and negative ones count from the end, as in Python.
///
/// A handle as SharedValue is; one that was moved from has no elements. The length is fixed; 0 is allowed.
///
/// *Kill.* A store to an element, `assign_slice`, and a new text are all-or-nothing. For that there is as much room behind the
/// elements as they take; it is address space, and becomes memory only where such stores of more than a word were made.
///
/// \see docs/tutorial.md, docs/robustness.md, examples/struct_and_strings.cpp
template <class T>
class SharedArray : public detail::guarded_object, public detail::array_operations<SharedArray<T>, T> {
    static_assert(detail::diagnose_shareable<T, detail::shared_use::copied>::is_said);

public:
    using value_type = T; ///< An element.
    using reference = detail::array_element<T>; ///< What `[]` returns.

    /// `length` value-initialised elements: zeros for numbers. Throws `std::invalid_argument` when it is negative,
    /// `std::length_error` when it cannot be addressed, `std::system_error` or `std::bad_alloc` when it cannot be had.
    template <detail::array_length N>
        requires std::default_initializable<T>
    explicit SharedArray(N length) : SharedArray(in_place, detail::checked_length<T>(length)) {
        detail::make_default(object_.data(), size());
    }
    /// The same of what is a length in braces, too: `SharedArray<double>{mp::length(1000)}`.
    explicit SharedArray(length elements)
        requires std::default_initializable<T>
        : SharedArray(elements.elements()) {}

    /// The elements listed: `SharedArray<double>{1.0, 2.0}`.
    SharedArray(std::initializer_list<T> elements) : SharedArray(std::span(elements.begin(), elements.size())) {}

    /// As many elements as the range has, copied.
    template <detail::elements_for<T> R>
        requires(!std::same_as<std::remove_cvref_t<R>, SharedArray>)
    explicit SharedArray(R&& elements)
        : SharedArray(in_place, detail::checked_length<T>(static_cast<std::size_t>(std::ranges::distance(elements)))) {
        T* place = object_.data();
        for (auto&& each : elements) {
            new (place++) T(detail::element_from<T>(each));
        }
    }

    /// As many characters as the text has; no NUL is added, as in Python.
    explicit SharedArray(detail::text_view<T> text)
        requires detail::character<T>
        : SharedArray(std::span(text.data(), text.size())) {}

    /// A named array of whatever an array is made of (a length, a range, a text): new (`create_only`), or, with `open_or_create`, the one
    /// that is there, which must be as long. Throws as SharedValue's.
    template <detail::making_tag Tag, class Source>
        requires std::constructible_from<RawArray<T>, Source>
    SharedArray(Tag tag, const object_name& name, const Source& source)
        : SharedArray(tag, name, detail::named_elements<T>(source)) {}
    /// The same of the elements listed.
    template <detail::making_tag Tag>
    SharedArray(Tag tag, const object_name& name, std::initializer_list<T> elements)
        : SharedArray(tag, name, std::span(elements.begin(), elements.size())) {}

    /// A named array that somebody made, as long as it is.
    SharedArray(open_only_t tag, const object_name& name)
        : SharedArray(existing, robust::make_named_guarded(tag, name, named_content(), memory::no_fill)) {}

    /// An array that another object's lock guards; of whatever a RawArray is made of.
    template <class Source>
        requires std::constructible_from<RawArray<T>, Source>
    SharedArray(const with_lock& shared, Source&& source)
        : SharedArray(shared.lock(), RawArray<T>(std::forward<Source>(source))) {}
    /// The same of the elements listed.
    SharedArray(const with_lock& shared, std::initializer_list<T> elements)
        : SharedArray(shared.lock(), RawArray<T>(elements)) {}

    SharedArray(const SharedArray&) noexcept = default;
    SharedArray(SharedArray&&) noexcept = default;
    SharedArray& operator=(const SharedArray&) = MULTIPROCESSING_DELETE("one handle is not assigned to another: to copy the elements write a.assign_slice({}, {}, b.slice())");
    SharedArray& operator=(SharedArray&&) noexcept = default;
    ~SharedArray() = default;

    [[nodiscard]] std::size_t size() const noexcept { return object_.size(); } ///< Of elements; it never changes.
    [[nodiscard]] bool empty() const noexcept { return object_.empty(); }      ///< Whether there are none.

    /// A reference to one element, each operation of which takes the lock. -1 is the last element. Throws `std::out_of_range`.
    /// @{
    [[nodiscard]] reference operator[](std::ptrdiff_t index) const {
        return reference(place_of(detail::checked_index(index, size())));
    }
    reference at(std::ptrdiff_t index) const { return (*this)[index]; }
    /// @}

    const T* data() const = MULTIPROCESSING_DELETE("elements are read and written with the lock: write array.synchronize().data(), or take the lock and write array.get_obj().data()");

    /// Reads the elements one after the other, each under the lock and so each whole, as iteration does in Python. Others may
    /// change the array between two of them: for one lock over all of them use `synchronize()`. They are copies that do not assign: a change
    /// of one would be lost.
    /// @{
    using iterator = detail::copying_iterator<SharedArray>;
    [[nodiscard]] iterator begin() const noexcept { return iterator(*this, 0); }
    [[nodiscard]] iterator end() const noexcept { return iterator(*this, static_cast<std::ptrdiff_t>(size())); }
    /// @}

    /// Takes the lock and gives plain access to all elements, until the end of its scope. Blocks while another holds the lock.
    synchronized_span<T> synchronize() const { return synchronized_span<T>(get_lock(), object_); }

    /// The array without its lock: take the lock first.
    [[nodiscard]] const RawArray<T>& get_obj() const noexcept { return object_; }

    /// `[3, 2, 1]`, taken under one lock.
    friend std::ostream& operator<<(std::ostream& out, const SharedArray& array)
        requires detail::printable<T>
    {
        const detail::lock_scope guard(array.lock_header());
        return out << array.object_;
    }

private:
    friend detail::shared_access;
    friend detail::array_operations<SharedArray, T>;

    struct in_place_t {};
    static constexpr in_place_t in_place{};

    // Lock, redo range, the elements, and their shadow, in one block.
    static constexpr detail::object_layout layout = detail::object_layout::of(detail::named_kind::shared_array, sizeof(T), alignof(T));
    static constexpr std::size_t offset = layout.offset;

    SharedArray(in_place_t, std::size_t size)
        : SharedArray(memory::allocate(layout(size), offset), size) {}
    SharedArray(memory::block block, std::size_t size)
        : guarded_object(detail::lock_access::make<RLock>(block)),
          object_(detail::raw_access::make<RawArray<T>>(block.at(offset), size)) {
        robust::redo_log::set_layout(lock_header(), offset, true);
    }

    struct existing_t {};
    static constexpr existing_t existing{};
    SharedArray(existing_t, memory::named_object named)
        : guarded_object(detail::lock_access::make<RLock>(named.object)),
          object_(detail::raw_access::make<RawArray<T>>(named.object.at(offset), named.count)) {}

    template <class Tag>
    SharedArray(Tag tag, const object_name& name, const detail::named_elements<T>& elements)
        : SharedArray(existing, robust::make_named_guarded(tag, name, named_content(elements.count()), [&](std::byte* block) {
                          elements.put(reinterpret_cast<T*>(block + offset));
                      })) {}

    [[nodiscard]] static memory::named_content named_content(std::optional<std::size_t> count = {}) {
        return detail::content_of<T>(detail::named_kind::shared_array, count);
    }

    // An array that is there already, and its redo log: a new one, or the one another process made.
    SharedArray(const RLock& lock, const RawArray<T>& object) : SharedArray(lock, object, make_log(lock, object)) {}
    SharedArray(RLock lock, RawArray<T> object, detail::external_log_ptr log)
        : guarded_object(std::move(lock)), object_(std::move(object)), log_(std::move(log)) {}

    static detail::external_log_ptr make_log(const RLock& lock, const RawArray<T>& object) {
        return detail::make_external_log(lock, bytes_of(object), object.size() * sizeof(T), alignof(T), true);
    }
    static std::byte* bytes_of(const RawArray<T>& object) noexcept { return reinterpret_cast<std::byte*>(object.data()); }

    [[nodiscard]] const detail::external_log_ptr& external_log() const noexcept { return log_; }

    [[nodiscard]] robust::redo_log log() const {
        return log_ ? log_->log() : robust::redo_log::in_block(lock_header(), offset, size() * sizeof(T));
    }

    [[nodiscard]] detail::guarded_place<T> place_of(std::size_t index) const {
        if constexpr (detail::word<T>) {
            return {lock_header(), object_[index], {}};
        } else {
            return {lock_header(), object_[index], {log(), index * sizeof(T), false}};
        }
    }

    template <class Read>
    [[nodiscard]] auto read_elements(Read read) const {
        const detail::lock_scope guard(lock_header());
        return read(std::span<const T>(object_));
    }
    template <class Values>
    void store(const detail::slice& where, const Values& values) const {
        if (where.count == 0) {
            return;
        }
        const auto stride = where.step * static_cast<std::ptrdiff_t>(sizeof(T));
        const detail::lock_scope guard(lock_header());
        detail::update_scope::refuse_store_to(&object_[where[0]], stride, where.count);
        const robust::redo_log log = this->log();
        T* const shadow = reinterpret_cast<T*>(log.shadow());
        for (std::size_t i = 0; i < where.count; ++i) {
            shadow[where[i]] = values[i];
        }
        log.commit_range(where[0] * sizeof(T), stride, where.count, sizeof(T));
    }

    RawArray<T> object_;
    detail::external_log_ptr log_;
};

/// \cond one error, and not those that follow from it
template <detail::hardly_a_type T>
class SharedArray<T> : public detail::refused<T> {
public:
    using detail::refused<T>::refused;
};
/// \endcond

/// Of what the range is made of.
template <std::ranges::forward_range R>
SharedArray(R&&) -> SharedArray<std::ranges::range_value_t<R>>;

template <class T>
struct reduction::reducer<SharedArray<T>> {
    static void reduce(const SharedArray<T>& array, outgoing& out) { detail::shared_access::reduce(array, out); }
    [[nodiscard]] static SharedArray<T> rebuild(incoming& in) { return detail::shared_access::rebuild<SharedArray<T>>(in); }
};

/// \cond for format.hpp
template <class T>
inline constexpr bool detail::is_printed_by_stream<SharedArray<T>> = detail::printable<T>;
/// \endcond

} // namespace multiprocessing
