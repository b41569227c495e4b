#pragma once

#include <multiprocessing/base/deleted.hpp>
#include <multiprocessing/base/number.hpp>
#include <multiprocessing/memory/shareable.hpp>
#include <multiprocessing/sharedctypes/detail/guarded_place.hpp>
#include <multiprocessing/sharedctypes/detail/read_copy.hpp>

#include <concepts>
#include <cstring>
#include <type_traits>
#include <utility>

/// \file
/// What can be done to one guarded object: the same for a SharedValue and for an element of a SharedArray.

namespace multiprocessing::detail {

/// Compares as `==` does; a struct without one by its bytes, which must all take part in its value (no padding).
template <class T>
concept comparable_whole = std::equality_comparable<T> || std::has_unique_object_representations_v<T>;

/// Whether they are equal in that sense.
template <comparable_whole T>
[[nodiscard]] bool equal_whole(const T& a, const T& b) {
    if constexpr (std::equality_comparable<T>) {
        return a == b;
    } else {
        return std::memcmp(&a, &b, sizeof(T)) == 0;
    }
}

/// Whether a function has a copy of what it is called with, as far as can be told: not of a generic one.
template <class Function>
inline constexpr bool takes_a_copy = false;
/// \cond
template <class Result, class Parameter>
inline constexpr bool takes_a_copy<Result (*)(Parameter)> = !std::is_reference_v<Parameter>;
template <class Function>
    requires requires { &Function::operator(); }
inline constexpr bool takes_a_copy<Function> = takes_a_copy<decltype(&Function::operator())>;
template <class Function, class Result, class Parameter>
inline constexpr bool takes_a_copy<Result (Function::*)(Parameter)> = !std::is_reference_v<Parameter>;
template <class Function, class Result, class Parameter>
inline constexpr bool takes_a_copy<Result (Function::*)(Parameter) const> = !std::is_reference_v<Parameter>;
/// \endcond

template <class Derived, class T>
class locked_operations;

template <class U>
concept has_a_lock = requires { requires std::derived_from<U, locked_operations<U, typename U::value_type>>; };

/// The operand of a compound assignment, read before the lock is taken: an element of an array has a lock of its own, and two
/// processes that took two locks in different orders would wait for each other for ever.
template <class U>
[[nodiscard]] decltype(auto) read_operand(const U& operand) {
    if constexpr (has_a_lock<U>) {
        return operand.value();
    } else {
        return operand;
    }
}

/// Each function takes the lock, does its work, and gives the lock back: a whole read-modify-write that no other process comes
/// between. Each blocks while another process holds the lock. Stores are all-or-nothing, also for one who is killed half-way.
/// They are const because the handle does not change, as with a `T* const`.
///
/// `Derived` gives `guarded_place<T> place() const`.
template <class Derived, class T>
class locked_operations {
    static_assert(diagnose_shareable<T, shared_use::copied>::is_said); // here too: the functions below may be nonsense for what is refused

public:
    using value_type = T; ///< What is guarded.

    /// A copy, and a const one of a class: `point.value() = Point()` would change nothing.
    [[nodiscard]] const_copy<T> value() const {
        const auto place = this->place();
        const lock_scope guard(place.lock());
        return place.load();
    }

    template <fraction_for<T> U>
    void set(const U&) const = MULTIPROCESSING_DELETE("an integer takes no fraction, which would be cut off unseen: convert it first");

    /// Stores `value`.
    void set(const T& value) const {
        const auto place = this->place();
        const lock_scope guard(place.lock());
        place.store(value);
    }

    /// Stores `value` and returns what was there.
    T exchange(const T& value) const {
        const auto place = this->place();
        const lock_scope guard(place.lock());
        const T old = place.load();
        place.store(value);
        return old;
    }

    /// Stores `desired` if `expected` is there; whether it was. If not, `expected` becomes what is there. Compares by `==`, or by
    /// bytes where there is no `==`.
    [[nodiscard]] bool compare_exchange(T& expected, const T& desired) const
        requires comparable_whole<T>
    {
        const auto place = this->place();
        const lock_scope guard(place.lock());
        const T& there = place.load();
        if (!equal_whole(there, expected)) {
            expected = there;
            return false;
        }
        place.store(desired);
        return true;
    }

    /// Calls `change(T&)` and returns a copy of what it returns. All that it changed becomes visible at once when it returns;
    /// nothing does when it throws, or when the process is killed in it. It works on a copy: to change the object itself inside it,
    /// by another operation, throws `std::logic_error`.
    ///
    /// *Fork.* A child that is forked inside it does not hold the lock. Where `change` returns in the child as well, nothing is stored there, the
    /// parent keeps the lock, and `update` throws `std::system_error`, operation_not_permitted. The argument is the parent's too: the child leaves it alone.
    template <std::invocable<T&> Change>
    auto update(Change&& change) const {
        static_assert(!takes_a_copy<std::decay_t<Change>>,
                      "multiprocessing: update(f): f takes a copy, and what it does to that is lost, as is what it returns instead of storing it. Let it "
                      "take a reference: update([](T& value) { value = ...; }). Only to read, value() is enough.");
        const auto place = this->place();
        const call_scope guard(place.lock());
        return place.modify(std::forward<Change>(change));
    }

    // clang-format off
#define MULTIPROCESSING_COMPOUND_ASSIGNMENT(assign, compute)                                                         \
    template <class U>                                                                                               \
        requires operand_of<U, T> && requires(T& value, const U& operand) { value assign operand; }                  \
    T operator assign(const U& operand) const { /* reads the operand before locking: it may have a lock of its own */ \
        if constexpr (std::is_arithmetic_v<T>) {                                                                     \
            const auto number = +operand;                                                                            \
            const auto place = this->place();                                                                        \
            const lock_scope guard(place.lock());                                                                    \
            const T value = place.load();                                                                            \
            using common = decltype(value compute number);                                                           \
            const T next = static_cast<T>(static_cast<common>(value) compute static_cast<common>(number));           \
            place.store(next);                                                                                       \
            return next;                                                                                             \
        } else {                                                                                                     \
            const auto& read = read_operand(operand);                                                                \
            return changed([&read](T& value) { value assign read; });                                                \
        }                                                                                                            \
    }                                                                                                                \
    template <fraction_for<T> U>                                                                                     \
    T operator assign(const U&) const = MULTIPROCESSING_DELETE("an integer takes no fraction: convert it first");
    /// The compound assignments that T has: computed and stored under one lock; they return the new value. The result is converted to T,
    /// as the built-in operators do. An integer takes no fraction as an operand: it would be cut off unseen.
    MULTIPROCESSING_COMPOUND_ASSIGNMENT(+=, +)
    MULTIPROCESSING_COMPOUND_ASSIGNMENT(-=, -)
    MULTIPROCESSING_COMPOUND_ASSIGNMENT(*=, *)
    MULTIPROCESSING_COMPOUND_ASSIGNMENT(/=, /)
    MULTIPROCESSING_COMPOUND_ASSIGNMENT(%=, %)
    MULTIPROCESSING_COMPOUND_ASSIGNMENT(&=, &)
    MULTIPROCESSING_COMPOUND_ASSIGNMENT(|=, |)
    MULTIPROCESSING_COMPOUND_ASSIGNMENT(^=, ^)
    MULTIPROCESSING_COMPOUND_ASSIGNMENT(<<=, <<)
    MULTIPROCESSING_COMPOUND_ASSIGNMENT(>>=, >>)
#undef MULTIPROCESSING_COMPOUND_ASSIGNMENT
    // clang-format on

    /// One more; returns the new value.
    T operator++() const
        requires requires(T& value) { ++value; }
    {
        return changed([](T& value) { ++value; });
    }
    /// One less; returns the new value.
    T operator--() const
        requires requires(T& value) { --value; }
    {
        return changed([](T& value) { --value; });
    }

    /// One more; returns the old value.
    T operator++(int) const
        requires requires(T& value) { value++; }
    {
        return update([](T& value) { return value++; });
    }
    /// One less; returns the old value.
    T operator--(int) const
        requires requires(T& value) { value--; }
    {
        return update([](T& value) { return value--; });
    }

protected:
    ~locked_operations() = default;

private:
    template <class Change>
    T changed(Change change) const {
        return update([&change](T& value) {
            change(value);
            return value;
        });
    }

    [[nodiscard]] auto place() const { return static_cast<const Derived&>(*this).place(); }
};

} // namespace multiprocessing::detail
