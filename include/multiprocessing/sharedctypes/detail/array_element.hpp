#pragma once

#include <multiprocessing/base/deleted.hpp>
#include <multiprocessing/base/number.hpp>
#include <multiprocessing/base/printed_by_stream.hpp>
#include <multiprocessing/sharedctypes/detail/guarded_place.hpp>
#include <multiprocessing/sharedctypes/detail/locked_operations.hpp>
#include <multiprocessing/sharedctypes/detail/print.hpp>

#include <concepts>
#include <iosfwd>

/// \file
/// What `[]` of a SharedArray returns.

namespace multiprocessing::detail {

/// A short-lived reference to one element: each operation on it is whole, under the array's lock. It must not outlive
/// the handle it came from.
template <class T>
class array_element : public locked_operations<array_element<T>, T> {
public:
    /// Of that place.
    explicit array_element(const guarded_place<T>& place) noexcept : place_(place) {}

    /// A locked copy of the element.
    [[nodiscard]] operator T() const { return this->value(); }

    /// A locked store, as `set`.
    const array_element& operator=(const T& value) const {
        this->set(value);
        return *this;
    }
    template <fraction_for<T> U>
        requires(!std::same_as<U, array_element>)
    const array_element& operator=(const U&) const = MULTIPROCESSING_DELETE("an integer takes no fraction, which would be cut off unseen: convert it first");
    /// `a[0] = a[1]` copies the element, as it does for any array.
    const array_element& operator=(const array_element& other) const { return *this = other.value(); }
    /// The same, for one that is not const.
    array_element& operator=(const array_element& other) {
        this->set(other.value());
        return *this;
    }
    array_element(const array_element&) noexcept = default;
    ~array_element() = default;

    /// Prints a locked copy.
    friend std::ostream& operator<<(std::ostream& out, const array_element& element)
        requires printable<T>
    {
        return print(out, element.value());
    }

private:
    friend locked_operations<array_element, T>;

    [[nodiscard]] const guarded_place<T>& place() const noexcept { return place_; }

    guarded_place<T> place_;
};

/// \cond for format.hpp
template <class T>
inline constexpr bool is_printed_by_stream<array_element<T>> = printable<T>;
/// \endcond

} // namespace multiprocessing::detail
