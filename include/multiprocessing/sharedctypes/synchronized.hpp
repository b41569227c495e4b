#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

/// \file
/// A lock for a Raw object: Python's `sharedctypes.synchronized`.

namespace multiprocessing {

/// The same object, guarded by a new lock, or by `lock`. All who change it from then on must go through handles with that lock: copies of
/// the one returned, or children that inherited it. The raw handle goes on giving access without it. Throws `std::system_error` or
/// `std::bad_alloc` when there is no memory for the lock.
///
/// \see docs/coming_from_python.md
template <class T>
[[nodiscard]] SharedValue<T> synchronized(const RawValue<T>& object, const RLock& lock = RLock()) {
    return detail::shared_access::guard<SharedValue<T>>(lock, object);
}

/// The same for an array.
template <class T>
[[nodiscard]] SharedArray<T> synchronized(const RawArray<T>& object, const RLock& lock = RLock()) {
    return detail::shared_access::guard<SharedArray<T>>(lock, object);
}

/// What has a lock already is not given another: two locks guard nothing.
template <class T>
void synchronized(const SharedValue<T>&) = MULTIPROCESSING_DELETE("it is synchronized already; use it as it is");
template <class T>
void synchronized(const SharedArray<T>&) = MULTIPROCESSING_DELETE("it is synchronized already; use it as it is");

} // namespace multiprocessing
