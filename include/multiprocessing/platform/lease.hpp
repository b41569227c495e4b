#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/system.hpp>

#include <concepts>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/lease.hpp>
#else
#    include <multiprocessing/platform/posix/lease.hpp>
#endif

/// \file
/// How a process learns that all the children it made at some time, and all *their* descendants, are gone: a pipe whose
/// holding end only they have. The kernel keeps it, so it is right also for the killed and for orphaned grandchildren.
///
/// What both backends give:
/// * `lease::open()`: both ends here; children made from now on inherit the holding end. Never throws: a lease that could not
///   be had (no descriptor left) is one that never expires, the safe side.
/// * `seal()`: lets go of the holding end here: from now on it is held by those who inherited it alone. A sealed lease covers no new child.
/// * `expired()`: whether it is sealed and nobody holds it any more. One short system call; does not block.
/// * `holding()`: the holding end, to hand over to a child that does not inherit it by itself; invalid once sealed, and when the program has closed it.
/// * `abandon()`: in a forked child, for the leases of its parent: closes the watching end and returns the holding end, which the child
///   keeps, and hands over to children that do not inherit it (invalid if the lease was sealed before the fork). A child that
///   closes descriptors it does not know (`closefrom`) gives its lease up, and with it the protection of what it inherited.
/// * `is_watched(holding)`: whether somebody has the watching end. Once nobody has, who holds a lease may let it go: of what it protects the owner is gone.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::lease;
#else
using posix::lease;
#endif

template <class T>
concept is_lease = std::movable<T> && requires(T one, const T fixed) {
    { T::open() } noexcept -> std::same_as<T>;
    { one.seal() } noexcept -> std::same_as<void>;
    { fixed.sealed() } noexcept -> std::same_as<bool>;
    { fixed.expired() } noexcept -> std::same_as<bool>;
    { fixed.holding() } noexcept -> std::same_as<native_handle>;
    { one.abandon() } noexcept -> std::same_as<owned_handle>;
    { T::is_watched(owned_handle()) } noexcept -> std::same_as<bool>;
};
static_assert(is_lease<lease>);

} // namespace multiprocessing::platform
