#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/deleted.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <concepts>

/// \file
/// A new object with the same contents: Python's `sharedctypes.copy`.

namespace multiprocessing {

/// A new object in shared memory, with the bytes the other one has now. Nothing keeps others from writing to it meanwhile. Throws
/// `std::system_error` or `std::bad_alloc` when there is no memory.
///
/// \see docs/coming_from_python.md
template <std::copy_constructible T>
[[nodiscard]] RawValue<T> copy(const RawValue<T>& object) {
    return RawValue<T>(object.value());
}

/// The same for an array.
template <std::copy_constructible T>
[[nodiscard]] RawArray<T> copy(const RawArray<T>& object) {
    return RawArray<T>(std::span<const T>(object.data(), object.size()));
}

/// A copy of a Shared object would leave open whether its lock is the same: as in Python, that is for the caller to say.
template <class T>
void copy(const SharedValue<T>&) = MULTIPROCESSING_DELETE("write SharedValue<T>(other.value()) for a new lock, or SharedValue<T>(with_lock(other.get_lock()), other.value())");
template <class T>
void copy(const SharedArray<T>&) = MULTIPROCESSING_DELETE("write SharedArray<T>(other.slice()) for a new lock, or SharedArray<T>(with_lock(other.get_lock()), other.slice())");

} // namespace multiprocessing
