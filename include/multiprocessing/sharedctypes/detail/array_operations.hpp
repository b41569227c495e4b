#pragma once

#include <multiprocessing/base/character.hpp>
#include <multiprocessing/base/ranges.hpp>
#include <multiprocessing/base/slice.hpp>
#include <multiprocessing/sharedctypes/detail/elements.hpp>
#include <multiprocessing/sharedctypes/detail/text.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>

/// \file
/// Slices and texts, of arrays with a lock and without.

namespace multiprocessing::detail {

/// What an Array of `T` can do with many of its elements at once. The array itself has
///   `size()`;
///   `read_elements(f)`: `f` of a span of all of them, under the lock if there is one;
///   `store(where, values)`: those values to the elements of that slice, as many; under one lock, and all or none, if there is one.
template <class Array, class T>
class array_operations {
public:
    /// What `slice` returns: a `std::vector<T>`, or a string for characters.
    using slice_type = typename slice_copy<T>::type;

    /// A copy of the elements `start:stop:step` by Python's rules: negative bounds count from the end, bounds outside are clamped,
    /// `std::nullopt` is a bound left out. Under one lock, if the array has one. Throws `std::invalid_argument` for a step of 0.
    slice_type slice(std::optional<std::ptrdiff_t> start = {}, std::optional<std::ptrdiff_t> stop = {}, std::ptrdiff_t step = 1) const {
        const auto wanted = detail::slice::of(array().size(), start, stop, step);
        return array().read_elements([&](std::span<const T> all) {
            slice_type copy;
            copy.reserve(wanted.count);
            for (std::size_t i = 0; i < wanted.count; ++i) {
                copy.push_back(all[wanted[i]]);
            }
            return copy;
        });
    }

    /// Writes exactly as many values as the slice has elements; with another number throws `std::length_error` and changes nothing. Where the
    /// array has a lock, under one lock, and all of them or none; the values are read before the lock is taken.
    template <elements_for<T> R>
    void assign_slice(std::optional<std::ptrdiff_t> start, std::optional<std::ptrdiff_t> stop, std::ptrdiff_t step, R&& values) const {
        const auto wanted = detail::slice::of(array().size(), start, stop, step);
        const auto collected = collect<T>(values);
        wanted.require_length(collected.size());
        array().store(wanted, collected);
    }
    /// The same, with a step of 1.
    template <elements_for<T> R>
    void assign_slice(std::optional<std::ptrdiff_t> start, std::optional<std::ptrdiff_t> stop, R&& values) const {
        assign_slice(start, stop, 1, std::forward<R>(values));
    }
    /// The same, of a text.
    void assign_slice(std::optional<std::ptrdiff_t> start, std::optional<std::ptrdiff_t> stop, std::ptrdiff_t step, text_view<T> text) const
        requires character<T>
    {
        assign_slice(start, stop, step, std::span(text.data(), text.size()));
    }
    /// The same, of a text and with a step of 1.
    void assign_slice(std::optional<std::ptrdiff_t> start, std::optional<std::ptrdiff_t> stop, text_view<T> text) const
        requires character<T>
    {
        assign_slice(start, stop, 1, text);
    }

    /// The text up to the first NUL, or all of it.
    [[nodiscard]] std::basic_string<T> value() const
        requires character<T>
    {
        return array().read_elements([](std::span<const T> all) { return up_to_first_nul(all.data(), all.size()); });
    }
    /// Writes `text`, and one NUL if there is room for it, as assign_slice does; what is behind stays. Throws `std::length_error` when it is
    /// too long, and changes nothing.
    void value(text_view<T> text) const
        requires character<T>
    {
        const auto bytes = with_nul(text, array().size());
        array().store({0, 1, bytes.size()}, bytes);
    }

    /// Every character, NULs too.
    [[nodiscard]] std::basic_string<T> raw() const
        requires character<T>
    {
        return array().read_elements([](std::span<const T> all) { return std::basic_string<T>(all.data(), all.size()); });
    }
    /// Writes `text` over the first characters, as assign_slice does; no NUL is added. Throws `std::length_error` when it is too long, and
    /// changes nothing.
    void raw(text_view<T> text) const
        requires character<T>
    {
        require_fits(text.size(), array().size());
        array().store({0, 1, text.size()}, text);
    }

protected:
    array_operations() = default;
    array_operations(const array_operations&) noexcept = default;
    array_operations(array_operations&&) noexcept = default;
    array_operations& operator=(const array_operations&) noexcept = default;
    array_operations& operator=(array_operations&&) noexcept = default;
    ~array_operations() = default;

private:
    [[nodiscard]] const Array& array() const noexcept { return static_cast<const Array&>(*this); }
};

} // namespace multiprocessing::detail
