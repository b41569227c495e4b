#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/memory/detail/pointer_members.hpp>

#include <atomic>
#include <type_traits>

/// \file
/// Which types may live in memory that several processes share, and what is wrong with those that may not.

namespace multiprocessing {

namespace detail {

template <class T>
inline constexpr bool is_lock_free_atomic = false;
template <class T>
inline constexpr bool is_lock_free_atomic<std::atomic<T>> = std::atomic<T>::is_always_lock_free;

template <class T>
inline constexpr bool is_atomic = false;
template <class T>
inline constexpr bool is_atomic<std::atomic<T>> = true;

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
    not_trivially_copyable,
    not_assignable,
    pointer_member,
};

template <class T>
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
    } else if constexpr (is_lock_free_atomic<T>) {
        return has_pointer_members<typename T::value_type>() ? pointer_member : none;
    } else if constexpr (is_atomic<T>) {
        return atomic_with_a_lock;
    } else if constexpr (!std::is_trivially_copyable_v<T> || !std::is_trivially_destructible_v<T>) {
        return not_trivially_copyable;
    } else if constexpr (!std::is_copy_assignable_v<T>) {
        return not_assignable;
    } else {
        return has_pointer_members<T>() ? pointer_member : none;
    }
}

/// Instantiated with a type that may not be shared, this says which rule it breaks, why, and what to write instead.
template <class T>
struct diagnose_shareable {
    static constexpr shareable_fault fault = find_shareable_fault<T>();

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
    static_assert(fault != shareable_fault::not_trivially_copyable,
                  "multiprocessing: T is not trivially copyable: it owns something (memory, a handle) that lives in this "
                  "process only. Use a trivially copyable type: for std::string a SharedArray<char>, for std::vector a "
                  "SharedArray, for a class (or a std::pair or std::tuple, which have an assignment of their own) a struct of plain "
                  "members and std::array.");
    static_assert(fault != shareable_fault::not_assignable,
                  "multiprocessing: T cannot be assigned to: it has a member that is const, a reference, which is an address of this "
                  "process, or cannot be copied, as a std::atomic or a std::mutex. Use plain members. For a counter without a lock write "
                  "RawValue<std::atomic<long>>, for several RawArray<std::atomic<long>>; std::atomic_ref works on plain members.");
    static_assert(fault != shareable_fault::pointer_member,
                  "multiprocessing: T has a member that is a pointer, an address of this process that means nothing in "
                  "another. Keep an index into a SharedArray instead, or the bytes themselves in a std::array.");

    static constexpr bool is_said = true; // to ask for it instantiates the above, and is no error of its own
};

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

/// A type whose objects may live in shared memory: trivially copyable (or a lock-free `std::atomic`), assignable, not
/// const, and without pointers as far as the compiler can see: into aggregates, not into classes with private members.
///
/// \see docs/faq.md
template <class T>
concept shareable = detail::find_shareable_fault<T>() == detail::shareable_fault::none;

} // namespace multiprocessing
