#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/character.hpp>
#include <multiprocessing/base/deleted.hpp>
#include <multiprocessing/base/printed_by_stream.hpp>
#include <multiprocessing/base/ranges.hpp>
#include <multiprocessing/base/slice.hpp>
#include <multiprocessing/memory/allocate.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/memory/shareable.hpp>
#include <multiprocessing/reduction/reducer.hpp>
#include <multiprocessing/sharedctypes/detail/array_operations.hpp>
#include <multiprocessing/sharedctypes/detail/elements.hpp>
#include <multiprocessing/sharedctypes/detail/named_content.hpp>
#include <multiprocessing/sharedctypes/detail/named_elements.hpp>
#include <multiprocessing/sharedctypes/detail/plain_access.hpp>
#include <multiprocessing/sharedctypes/detail/print.hpp>
#include <multiprocessing/sharedctypes/detail/text.hpp>
#include <multiprocessing/sharedctypes/length.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <iosfwd>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

/// \file
/// An array in shared memory, without a lock.

namespace multiprocessing {

/// `size()` objects of type `T`, side by side in shared memory: Python's `RawArray`. A contiguous sized range, and so a
/// `std::span<T>`. Nothing guards it: see `SharedArray`.
///
/// A handle as `RawValue` is: a copy refers to the same array; a child inherits it; one that was moved from has no elements. The length is fixed; 0 is allowed.
///
/// *Cost.* An element is an ordinary reference. Memory that is never touched is never taken from the system.
///
/// \see docs/coming_from_python.md, examples/spawn_workers.cpp
template <class T>
class RawArray : public detail::array_operations<RawArray<T>, T> {
    static_assert(detail::diagnose_shareable<T>::is_said);

public:
    using value_type = T; ///< An element.

    /// `length` value-initialised elements: zeros for numbers. Throws `std::invalid_argument` when it is negative,
    /// `std::length_error` when it cannot be addressed, `std::system_error` or `std::bad_alloc` when it cannot be had.
    template <detail::array_length N>
        requires std::default_initializable<T>
    explicit RawArray(N length) : RawArray(memory::block(), detail::checked_length<T>(length)) {
        block_ = memory::allocate(size_ * sizeof(T), alignment);
        detail::make_default(data(), size_);
    }
    /// The same of what is a length in braces, too: `RawArray<double>{mp::length(1000)}`.
    explicit RawArray(length elements)
        requires std::default_initializable<T>
        : RawArray(elements.elements()) {}

    /// The elements listed: `RawArray<double>{1.0, 2.0}`. So `RawArray<int>{3}` has one element and `RawArray<int>(3)` three.
    RawArray(std::initializer_list<T> elements) : RawArray(std::span(elements.begin(), elements.size())) {}

    /// As many elements as the range has, copied. A range that can be gone through once only has no length to know before.
    template <detail::elements_for<T> R>
        requires(!std::same_as<std::remove_cvref_t<R>, RawArray>)
    explicit RawArray(R&& elements)
        : RawArray(memory::block(), detail::checked_length<T>(static_cast<std::size_t>(std::ranges::distance(elements)))) {
        block_ = memory::allocate(size_ * sizeof(T), alignment);
        T* place = data();
        for (auto&& each : elements) {
            new (place++) T(detail::element_from<T>(each));
        }
    }

    /// As many characters as the text has; no NUL is added, as in Python.
    explicit RawArray(detail::text_view<T> text)
        requires detail::character<T>
        : RawArray(std::span(text.data(), text.size())) {}

    /// A named array of whatever an array is made of (a length, a range, a text): new (`create_only`), or, with `open_or_create`, the one
    /// that is there, which must be as long. Throws as RawValue's.
    template <detail::making_tag Tag, class Source>
        requires std::constructible_from<RawArray, Source>
    RawArray(Tag tag, const object_name& name, const Source& source)
        : RawArray(tag, name, detail::named_elements<T>(source)) {}
    /// The same of the elements listed.
    template <detail::making_tag Tag>
    RawArray(Tag tag, const object_name& name, std::initializer_list<T> elements)
        : RawArray(tag, name, std::span(elements.begin(), elements.size())) {}

    /// A named array that somebody made, as long as it is.
    RawArray(open_only_t tag, const object_name& name)
        : RawArray(memory::make_named(tag, name, named_content(), memory::no_fill)) {}

    RawArray(const RawArray&) noexcept = default;
    RawArray& operator=(const RawArray&) = MULTIPROCESSING_DELETE("one handle is not assigned to another: to copy the elements write std::ranges::copy(b, a.begin())");
    /// Takes over what the other one has; that has no elements then.
    /// @{
    RawArray(RawArray&& other) noexcept : block_(std::move(other.block_)), size_(std::exchange(other.size_, 0)) {}
    RawArray& operator=(RawArray&& other) noexcept {
        block_ = std::move(other.block_);
        size_ = std::exchange(other.size_, 0);
        return *this;
    }
    /// @}
    ~RawArray() = default;

    /// As of any contiguous range.
    /// @{
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] T* data() const noexcept { return std::launder(reinterpret_cast<T*>(block_.address())); }
    [[nodiscard]] T* begin() const noexcept { return data(); }
    [[nodiscard]] T* end() const noexcept { return data() + size_; }
    /// @}

    /// A plain access. An index that is none, and a negative one is none, is undefined as it is of a std::span, and as there a program that is
    /// compiled with `_GLIBCXX_ASSERTIONS` (or the like of another standard library) says so on standard error and aborts. See `at`.
    [[nodiscard]] T& operator[](std::size_t index) const noexcept {
        detail::expect_index("RawArray", index, size_);
        return data()[index];
    }

    /// Always checked; -1 is the last element, as in Python. Throws `std::out_of_range`.
    T& at(std::ptrdiff_t index) const { return data()[detail::checked_index(index, size_)]; }

    /// `[3, 2, 1]`.
    friend std::ostream& operator<<(std::ostream& out, const RawArray& array)
        requires detail::printable<T>
    {
        return detail::print_range(out, array);
    }

private:
    friend detail::raw_access;
    friend detail::array_operations<RawArray, T>;

    static constexpr std::size_t alignment = alignof(T) > 16 ? alignof(T) : 16;

    template <class Tag>
    RawArray(Tag tag, const object_name& name, const detail::named_elements<T>& elements)
        : RawArray(memory::make_named(tag, name, named_content(elements.count()),
                                      [&](std::byte* place) { elements.put(reinterpret_cast<T*>(place)); })) {}
    explicit RawArray(memory::named_object named) noexcept
        : RawArray(std::move(named.object), named.count) {}

    [[nodiscard]] static memory::named_content named_content(std::optional<std::size_t> count = {}) {
        return detail::content_of<T>(detail::named_kind::raw_array, count);
    }

    template <class Read>
    [[nodiscard]] auto read_elements(Read read) const {
        return read(std::span<const T>(data(), size_));
    }
    template <class Values>
    void store(const detail::slice& where, const Values& values) const {
        for (std::size_t i = 0; i < where.count; ++i) {
            data()[where[i]] = values[i];
        }
    }

    RawArray(memory::block block, std::size_t size) noexcept : block_(std::move(block)), size_(size) {}

    memory::block block_;
    std::size_t size_;
};

/// \cond one error, and not those that follow from it
template <detail::hardly_a_type T>
class RawArray<T> : public detail::refused<T> {
public:
    using detail::refused<T>::refused;
};
/// \endcond

/// Of what the range is made of.
template <std::ranges::forward_range R>
RawArray(R&&) -> RawArray<std::ranges::range_value_t<R>>;

template <class T>
struct reduction::reducer<RawArray<T>> {
    static void reduce(const RawArray<T>& array, outgoing& out) {
        out.put_number(array.size());
        out.put_block(detail::raw_access::block(array));
    }
    [[nodiscard]] static RawArray<T> rebuild(incoming& in) {
        const std::size_t size = detail::checked_length<T>(in.take_number());
        return detail::raw_access::make<RawArray<T>>(in.take_block(size * sizeof(T), alignof(T)), size);
    }
};

/// \cond for format.hpp
template <class T>
inline constexpr bool detail::is_printed_by_stream<RawArray<T>> = detail::printable<T>;
/// \endcond

} // namespace multiprocessing
