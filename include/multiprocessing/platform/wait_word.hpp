#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <cstdint>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/wait_word.hpp>
#else
#    include <multiprocessing/platform/posix/wait_word.hpp>
#endif

/// \file
/// The one way to sleep: on a 32-bit word in shared memory, between processes, with a monotonic deadline.
///
/// What both backends give, as static functions of `wait_word`:
/// * `wait(word, expected, until)`: returns when woken, at `until`, when the word is not `expected`, or for no reason at
///   all. The caller looks at its state again, whatever the reason was, and calls with a bounded slice: a waker that is
///   killed between its store and its wake is then healed by the end of the slice.
/// * `wake_one(word)`, `wake_all(word)`: by one who has changed the word. Never wait for those they wake; async-signal-safe on POSIX.
/// * Linux: a futex without the private flag. Windows: kernel objects (WaitOnAddress sees one process only). Systems without either, and Linux
///   when asked to (MULTIPROCESSING_POLLING_WAIT_WORD): looks at the word every few milliseconds.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::wait_word;
#else
using posix::wait_word;
#endif

template <class T>
concept is_wait_word = requires(const std::uint32_t* word, std::uint32_t expected, deadline until) {
    { T::wait(word, expected, until) } noexcept -> std::same_as<void>;
    { T::wake_one(word) } noexcept -> std::same_as<void>;
    { T::wake_all(word) } noexcept -> std::same_as<void>;
};
static_assert(is_wait_word<wait_word>);

} // namespace multiprocessing::platform
