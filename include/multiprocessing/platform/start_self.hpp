#pragma once

#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/start_self.hpp>
#else
#    include <multiprocessing/platform/posix/start_self.hpp>
#endif

/// \file
/// Starting the running program once more, as a fresh process that is handed what it needs and nothing else.
///
/// What both backends give:
/// * `start_self(handles)`: a child that runs the same executable with the same arguments and environment. It has the standard streams
///   (its standard input is empty, as in Python), `handles`, and no other handle of this process, inheritable or not. Throws `std::system_error`
///   when there can be no child; then nothing has happened. POSIX: posix_spawn of /proc/self/exe, which is the running image even if its
///   file was replaced. Windows: CreateProcess with PROC_THREAD_ATTRIBUTE_HANDLE_LIST, so that handles which other threads make
///   inheritable meanwhile do not get in.
/// * `inherited_handles()`: in such a child, what it was handed, in the same order, owned by nobody yet; not inheritable any more. Empty in any other
///   process, also in a fork of the child. Constant from before main, whatever calls it first.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::inherited_handles;
using windows::start_self;
#else
using posix::inherited_handles;
using posix::start_self;
#endif

static_assert(requires(std::span<const native_handle> handles) {
    { start_self(handles) } -> std::same_as<std::unique_ptr<child>>;
    { inherited_handles() } -> std::same_as<std::span<const native_handle>>;
});

/// The order in which the library hands over what every child needs; what the arguments need comes behind.
enum class handed_over : std::size_t { message, life_registry, others };

/// Whether this process was made by start_self.
[[nodiscard]] inline bool started_by_self() { return !inherited_handles().empty(); }

/// One of what `start_self` handed over. Only in a process that was made by it.
[[nodiscard]] inline native_handle inherited_handle(handed_over which) {
    return inherited_handles()[static_cast<std::size_t>(which)];
}

} // namespace multiprocessing::platform
