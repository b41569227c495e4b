#pragma once

#include <multiprocessing/base/deleted.hpp>
#include <multiprocessing/base/printed_by_stream.hpp>
#include <multiprocessing/sharedctypes/detail/print.hpp>

#include <iosfwd>
#include <type_traits>

/// \file
/// Copies of what is shared that cannot be mistaken for the thing itself.

namespace multiprocessing::detail {

/// A number that iterating over an array yields, const: a T to read. A plain T could be assigned to, in `for (auto&& x : array) x = 1`, and nothing
/// would have changed. What `auto x` makes of it is not const, a copy of its owner's, and changes as a T does.
template <class T>
class element_copy {
public:
    /// Of that value.
    explicit element_copy(const T& value) noexcept : value_(value) {}
    element_copy(const element_copy&) noexcept = default;
    element_copy& operator=(const element_copy&) noexcept = default;
    ~element_copy() = default;

    [[nodiscard]] operator T() const noexcept { return value_; }

    /// Prints it, as an element of the array is.
    friend std::ostream& operator<<(std::ostream& out, const element_copy& element)
        requires printable<T>
    {
        return print(out, element.value_);
    }

    // clang-format off
#define MULTIPROCESSING_ASSIGNMENT(assign)                                                                            \
    template <class U>                                                                                                \
        requires requires(T& value, const U& operand) { value assign operand; }                                       \
    element_copy& operator assign(const U& operand) { value_ assign operand; return *this; }                          \
    template <class U>                                                                                                \
    const element_copy& operator assign(const U&) const = MULTIPROCESSING_DELETE("what iterating over a SharedArray yields is a copy, and a change of it would be lost: write for (auto& x : array.synchronize()), or array[i] = value; for a copy of your own, for (auto x : array)");
    /// Those of T, and deleted for what is const.
    /// @{
    MULTIPROCESSING_ASSIGNMENT(=)
    MULTIPROCESSING_ASSIGNMENT(+=)
    MULTIPROCESSING_ASSIGNMENT(-=)
    MULTIPROCESSING_ASSIGNMENT(*=)
    MULTIPROCESSING_ASSIGNMENT(/=)
    MULTIPROCESSING_ASSIGNMENT(%=)
    MULTIPROCESSING_ASSIGNMENT(&=)
    MULTIPROCESSING_ASSIGNMENT(|=)
    MULTIPROCESSING_ASSIGNMENT(^=)
    MULTIPROCESSING_ASSIGNMENT(<<=)
    MULTIPROCESSING_ASSIGNMENT(>>=)
    element_copy& operator++() requires requires(T& value) { ++value; } { ++value_; return *this; }
    element_copy& operator--() requires requires(T& value) { --value; } { --value_; return *this; }
    T operator++(int) requires requires(T& value) { value++; } { return value_++; }
    T operator--(int) requires requires(T& value) { value--; } { return value_--; }
    const element_copy& operator++() const = MULTIPROCESSING_DELETE("what iterating over a SharedArray yields is a copy, and a change of it would be lost: write for (auto& x : array.synchronize()), or array[i] = value; for a copy of your own, for (auto x : array)");
    const element_copy& operator--() const = MULTIPROCESSING_DELETE("what iterating over a SharedArray yields is a copy, and a change of it would be lost: write for (auto& x : array.synchronize()), or array[i] = value; for a copy of your own, for (auto x : array)");
    T operator++(int) const = MULTIPROCESSING_DELETE("what iterating over a SharedArray yields is a copy, and a change of it would be lost: write for (auto& x : array.synchronize()), or array[i] = value; for a copy of your own, for (auto x : array)");
    T operator--(int) const = MULTIPROCESSING_DELETE("what iterating over a SharedArray yields is a copy, and a change of it would be lost: write for (auto& x : array.synchronize()), or array[i] = value; for a copy of your own, for (auto x : array)");
    /// @}
#undef MULTIPROCESSING_ASSIGNMENT
    // clang-format on

private:
    T value_;
};

/// What is returned by value, and not assigned to: a class can be, `point.value() = Point()`, unless it is const.
template <class T>
using const_copy = std::conditional_t<std::is_class_v<T> || std::is_union_v<T>, const T, T>;

/// What iterating yields.
template <class T>
using read_copy = std::conditional_t<std::is_class_v<T> || std::is_union_v<T>, const T, const element_copy<T>>;

/// \cond for format.hpp
template <class T>
inline constexpr bool is_printed_by_stream<element_copy<T>> = printable<T>;
/// \endcond

} // namespace multiprocessing::detail
