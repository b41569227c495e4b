#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <span>
#include <utility>

/// \file
/// One lock for a whole loop.

namespace multiprocessing {

/// Holds an array's lock and is a `std::span` of its elements: what `SharedArray::synchronize()` returns. Inside its scope elements are
/// plain memory; the lock is given back by the destructor, in the thread that took it.
///
/// *Kill.* What is written through it is written as it goes: a process killed inside leaves a half-done loop, and `owner_died()` of the
/// lock says so. For a change that is all-or-nothing use `SharedArray::assign_slice`.
///
/// \see docs/tutorial.md, examples/crash_recovery.cpp
template <class T>
class [[nodiscard]] synchronized_span : public std::span<T> {
public:
    /// Waits for the lock.
    synchronized_span(RLock lock, RawArray<T> array)
        : std::span<T>(array.data(), array.size()), lock_(std::move(lock)), array_(std::move(array)) {
        lock_.lock();
    }
    ~synchronized_span() { detail::lock_access::header(lock_).unlock_if_owned(); }
    synchronized_span(const synchronized_span&) = delete;
    synchronized_span& operator=(const synchronized_span&) = delete;

private:
    RLock lock_;
    RawArray<T> array_; // keeps the memory, so that the guard of a temporary handle is as good as any
};

} // namespace multiprocessing
