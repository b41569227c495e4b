#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/life_token.hpp>
#else
#    include <multiprocessing/platform/posix/life_token.hpp>
#endif

/// \file
/// A thing in shared memory that one thread holds for as long as it lives, and that the kernel lets go of when the
/// thread ends, however it ends. So "does that thread live?" is "can its token be claimed?": no process id is asked,
/// which could have been given to somebody else or mean another process in another pid namespace.
///
/// What both backends give:
/// * `initialize(offset)`: once, before anybody else sees it; `offset` is where it lies in its memory object, its *home*. The memory is never
///   used for anything else afterwards, and each process maps it once.
/// * `kind`: what is added to the names of tables of such tokens, where a system may have several kinds, which do not see each other.
/// * `try_claim(home)`, with the home's handle: true: it was free, or its holder is gone; the calling thread holds it now. False: its
///   holder lives. Never blocks.
/// * `release(home)`: by the thread that holds it.
/// * Linux: a robust, normal, process-shared mutex. Windows: a kernel mutex. Systems without robust mutexes, and Linux when asked to
///   (MULTIPROCESSING_BYTE_LOCK_LIFE_TOKENS): a lock on a byte of the home.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::life_token;
#else
using posix::life_token;
#endif

template <class T>
concept is_life_token = std::is_standard_layout_v<T> && requires(T token, std::size_t offset, native_handle home) {
    { T::kind } -> std::convertible_to<const char*>;
    { token.initialize(offset) } -> std::same_as<void>;
    { token.try_claim(home) } noexcept -> std::same_as<bool>;
    { token.release(home) } noexcept -> std::same_as<void>;
};
static_assert(is_life_token<life_token>);

} // namespace multiprocessing::platform
