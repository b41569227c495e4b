#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/base/form.hpp>
#include <multiprocessing/base/function_ref.hpp>
#include <multiprocessing/platform/clock.hpp>

#include <atomic>
#include <bit>
#include <cstdint>

/// \file
/// Waiting for a `std::atomic` in shared memory, between processes: what `std::atomic::wait` does between threads of one.

namespace multiprocessing {

namespace detail {

/// Refuses another one with words.
template <class T>
struct require_waitable {
    static_assert(sizeof(std::atomic<T>) == 4 && sizeof(T) == 4 && std::atomic<T>::is_always_lock_free,
                  "multiprocessing: processes wait for an atomic of 4 bytes, such as RawValue<std::atomic<std::int32_t>>: the system sleeps on no other. For "
                  "anything else there are Event, Condition and Semaphore.");
    static constexpr bool value = sizeof(T) == 4; // what follows is nonsense for any other
};

/// Until `has_changed()`, or `until`: whether it has. `word` is what it looks at, and `old` its bytes before.
[[nodiscard]] bool wait_for_change(const void* word, std::uint32_t old, platform::deadline until, function_ref<bool()> has_changed);
void wake_waiters(const void* word, bool all) noexcept;

template <class T>
[[nodiscard]] bool wait_for_change(const std::atomic<T>& word, T old, platform::deadline until) {
    if constexpr (require_waitable<T>::value) {
        const auto before = std::bit_cast<std::uint32_t>(old);
        return wait_for_change(&word, before, until, [&] { return std::bit_cast<std::uint32_t>(word.load(std::memory_order_acquire)) != before; });
    } else {
        return false;
    }
}

} // namespace detail

/// Waits, as long as it takes, until `word`, which lies in shared memory, has another value than `old`, and somebody says so by atomic_notify_one or
/// atomic_notify_all; a change that nobody tells is seen some time later (docs/synchronisation.md says how soon), as is one by somebody who was killed before
/// he told. Compares bytes, as `std::atomic::wait` does, which sleeps on between processes.
template <class T>
void atomic_wait(const std::atomic<T>& word, typename std::atomic<T>::value_type old) {
    static_cast<void>(detail::wait_for_change<T>(word, old, platform::no_deadline));
}

/// The same for at most `wait`, by the monotonic clock; zero and less do not wait. Whether it has another value.
template <class T, class Rep, class Period>
[[nodiscard]] bool atomic_wait_for(const std::atomic<T>& word, typename std::atomic<T>::value_type old, const std::chrono::duration<Rep, Period>& wait) {
    return detail::wait_for_change<T>(word, old, platform::deadline_after(wait));
}

/// The same until `when` at the latest. A time of a clock other than the steady one is translated once, at the call.
template <class T, class Clock, class Duration>
[[nodiscard]] bool atomic_wait_until(const std::atomic<T>& word, typename std::atomic<T>::value_type old,
                                     const std::chrono::time_point<Clock, Duration>& when) {
    return detail::wait_for_change<T>(word, old, platform::deadline_at(when));
}

/// Wakes one thread of any process that waits for `word`, which has been changed. Never blocks.
template <class T>
void atomic_notify_one(const std::atomic<T>& word) noexcept {
    if constexpr (detail::require_waitable<T>::value) {
        detail::wake_waiters(&word, false);
    }
}
/// Wakes all of them.
template <class T>
void atomic_notify_all(const std::atomic<T>& word) noexcept {
    if constexpr (detail::require_waitable<T>::value) {
        detail::wake_waiters(&word, true);
    }
}

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/atomic_wait.ipp>
#endif
