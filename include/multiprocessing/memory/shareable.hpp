#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/memory/detail/pointer_members.hpp>

#include <atomic>
#include <tuple>
#include <type_traits>
#include <utility>

/// \file
/// Which types may live in memory that several processes share, and what is wrong with those that may not.

namespace multiprocessing {

/// Whether a class of the user's may live in shared memory that the compiler cannot tell about: one with private members that cannot be copied, as a lock of one's
/// own, or a ring of `std::atomic`s. Specialised by the user to be true, it is a promise: no address of this process is in it, and none of a file; whatever it does is done by lock-free atomics; and its
/// destructor does nothing. For RawValue and RawArray alone. The destructor must be trivial: that much is looked at.
///
/// \see docs/faq.md
template <class T>
inline constexpr bool enable_shareable = false;

namespace detail {

template <class T>
inline constexpr bool is_lock_free_atomic = false;
template <class T>
inline constexpr bool is_lock_free_atomic<std::atomic<T>> = std::atomic<T>::is_always_lock_free;
template <>
inline constexpr bool is_lock_free_atomic<std::atomic_flag> = true;

/// What is done with a shared object: it is used where it is (RawValue, RawArray); or it is copied as bytes, too, so that a store is
/// whole (SharedValue, SharedArray).
enum class shared_use { in_place, copied };

/// The rules, in the order in which they are looked at. One of them is broken, or none.
enum class shareable_fault {
    none,
    const_or_volatile,
    reference,
    pointer,
    array,
    not_an_object,
    over_aligned,
    atomic_with_a_lock,
    needlessly_atomic,
    not_trivially_copyable,
    not_assignable,
    pointer_member,
};

template <class T, shared_use use>
consteval shareable_fault find_shareable_fault();

/// What may be a member of an object that is used where it is.
struct used_in_place {
    template <class T>
    static consteval bool of() {
        return find_shareable_fault<T, shared_use::in_place>() == shareable_fault::none;
    }
};

/// The standard's classes that are no more than their elements.
template <class T>
inline constexpr bool has_shareable_elements = false;
template <class A, class B>
inline constexpr bool has_shareable_elements<std::pair<A, B>> = used_in_place::of<A>() && used_in_place::of<B>();
template <class... Elements>
inline constexpr bool has_shareable_elements<std::tuple<Elements...>> = (used_in_place::of<Elements>() && ...);

/// Whether a class that cannot be copied as bytes may be used where it is, for all that can be seen: into aggregates, pairs and tuples. (A reference cannot be
/// seen as what an aggregate is made of, but one that has a reference is not of standard layout.)
template <class T>
consteval bool can_be_used_in_place() {
    if constexpr (!std::is_trivially_destructible_v<T>) {
        return false;
    } else if constexpr (enable_shareable<T> || has_shareable_elements<T>) {
        return true;
    } else if constexpr (std::is_class_v<T> && std::is_aggregate_v<T> && std::is_standard_layout_v<T>) {
        return is_made_of<T, used_in_place>();
    } else {
        return false;
    }
}

/// As far as it can be seen: it cannot be made of values.
template <class T>
consteval bool has_reference_members() {
    if constexpr (std::is_class_v<T> && std::is_aggregate_v<T> && !std::is_empty_v<T>) {
        return count_all_values<T>() == 0;
    } else {
        return false;
    }
}

template <class T, shared_use use>
consteval shareable_fault find_shareable_fault() {
    using enum shareable_fault;
    if constexpr (std::is_reference_v<T>) {
        return reference;
    } else if constexpr (std::is_const_v<T> || std::is_volatile_v<T>) {
        return const_or_volatile;
    } else if constexpr (is_pointer_like<T>) {
        return pointer;
    } else if constexpr (std::is_array_v<T>) {
        return array;
    } else if constexpr (!std::is_object_v<T>) {
        return not_an_object;
    } else if constexpr (alignof(T) > 4096) {
        return over_aligned;
    } else if constexpr (is_atomic<T> && !is_lock_free_atomic<T>) {
        return atomic_with_a_lock;
    } else if constexpr (has_pointer_members<T>() && std::is_trivially_destructible_v<T> && (!has_reference_members<T>() || std::is_copy_assignable_v<T>)) {
        return pointer_member;
    } else if constexpr (is_lock_free_atomic<T>) {
        return use == shared_use::in_place ? none : needlessly_atomic;
    } else if constexpr (use == shared_use::in_place && can_be_used_in_place<T>()) {
        return none;
    } else if constexpr (!std::is_trivially_copyable_v<T> || !std::is_trivially_destructible_v<T>) {
        return not_trivially_copyable;
    } else if constexpr (!std::is_copy_assignable_v<T>) {
        return not_assignable;
    } else {
        return none;
    }
}

/// Instantiated with a type that may not be shared, this says which rule it breaks, why, and what to write instead.
template <class T, shareable_fault fault>
struct explained_fault {
    static_assert(fault != shareable_fault::const_or_volatile,
                  "multiprocessing: T is const or volatile, but a shared object is there to be changed. "
                  "Write T without it; give readers a copy of its value().");
    static_assert(fault != shareable_fault::reference,
                  "multiprocessing: T is a reference, which is an address of this process and means nothing in another. "
                  "Write the type it refers to.");
    static_assert(fault != shareable_fault::pointer,
                  "multiprocessing: T is a pointer (or a view made of one), which is an address of this process and means "
                  "nothing in another (Python's c_char_p trap). Share what it points to: a SharedValue of it, or a "
                  "SharedArray; for text a SharedArray<char>.");
    static_assert(fault != shareable_fault::array,
                  "multiprocessing: T is a built-in array. Write SharedArray or RawArray for the array itself, or "
                  "std::array<T, N> for an element.");
    static_assert(fault != shareable_fault::not_an_object,
                  "multiprocessing: T is not an object type (void or a function), so there is nothing to put into memory.");
    static_assert(fault != shareable_fault::over_aligned,
                  "multiprocessing: T is aligned to more than 4096 bytes, a page, and another process has the memory at an address that may be "
                  "a multiple of a page only. Align T to 4096 bytes or less.");
    static_assert(fault != shareable_fault::atomic_with_a_lock,
                  "multiprocessing: this std::atomic is not lock-free, so it keeps its lock in this process only. Use "
                  "SharedValue, whose lock is shared, or an atomic of a type that fits a machine word.");
    static_assert(fault != shareable_fault::needlessly_atomic,
                  "multiprocessing: a SharedValue or SharedArray has a lock, so its T need not be atomic. Write it without std::atomic; or, for one without a "
                  "lock, RawValue<std::atomic<T>> or RawArray<std::atomic<T>>.");
    static_assert(fault != shareable_fault::not_trivially_copyable,
                  "multiprocessing: T is not trivially copyable: it owns something (memory, a handle) that lives in this "
                  "process only. Use a trivially copyable type: for std::string a SharedArray<char>, for std::vector a "
                  "SharedArray, for a class a struct of plain members and std::array. A std::pair or std::tuple has an assignment of its own: RawValue and "
                  "RawArray take it, where nothing in it is an address.");
    static_assert(fault != shareable_fault::not_assignable,
                  "multiprocessing: T cannot be assigned to: it has a member that is a reference, which is an address of this process, that is a "
                  "std::mutex or the like, which works in one process only, or that cannot be copied. Use plain members. One with std::atomic members goes into a RawValue or RawArray, and needs no lock; "
                  "for a class with private members see multiprocessing::enable_shareable.");
    static_assert(fault != shareable_fault::pointer_member,
                  "multiprocessing: T has a member that is a pointer, an address of this process that means nothing in "
                  "another. Keep an index into a SharedArray instead, or the bytes themselves in a std::array.");

    static constexpr bool is_said = true; // to ask for it instantiates the above, and is no error of its own
};

/// The same of a type that is to be shared so. (A SharedValue has a RawValue of the same T: the fault of both is one, and so is the error.)
template <class T, shared_use use = shared_use::in_place>
using diagnose_shareable = explained_fault<T, find_shareable_fault<T, use>()>;

/// A type that a class cannot even be written for without further errors, which would hide the one that counts.
template <class T>
concept hardly_a_type = !std::is_object_v<T> || std::is_array_v<T> || std::is_const_v<T> || std::is_volatile_v<T>;

/// What a value or an array of such a type is: made of anything, and refused.
template <class T>
struct refused {
    static_assert(diagnose_shareable<T>::is_said);
    template <class... Arguments>
    constexpr explicit refused(const Arguments&...) noexcept {}
};

} // namespace detail

/// A type whose objects may live in shared memory, in a RawValue or RawArray: it is not const, its destructor does nothing, and it has no pointers as far
/// as the compiler can see: into aggregates, not into classes with private members. It is trivially copyable, a lock-free `std::atomic`, or an aggregate,
/// `std::pair` or `std::tuple` of such; or enable_shareable says so.
///
/// \see docs/faq.md
template <class T>
concept shareable = detail::find_shareable_fault<T, detail::shared_use::in_place>() == detail::shareable_fault::none;

/// A shareable type that can be copied as bytes, so that a lock can guard it and each store of it be whole: for SharedValue and SharedArray. It is trivially
/// copyable and assignable.
template <class T>
concept guardable = detail::find_shareable_fault<T, detail::shared_use::copied>() == detail::shareable_fault::none;

} // namespace multiprocessing
