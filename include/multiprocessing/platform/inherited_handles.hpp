#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/system.hpp>

#include <concepts>
#include <cstddef>
#include <span>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/inherited_handles.hpp>
#else
#    include <multiprocessing/platform/posix/inherited_handles.hpp>
#endif

/// \file
/// What start_self handed to this process. (A header of its own: whoever has a lock includes it, and few start processes.)
///
/// What both backends give: `inherited_handles()`: in a child that start_self made, what it was handed, in the same order, owned by nobody yet; not
/// inheritable any more. Empty in any other process, also in a fork of the child. Constant from before main, whatever calls it first.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::inherited_handles;
#else
using posix::inherited_handles;
#endif

static_assert(requires {
    { inherited_handles() } -> std::same_as<std::span<const native_handle>>;
});

/// The order in which the library hands over what every child needs; what the arguments need comes behind.
enum class handed_over : std::size_t { message, life_registry, others };

/// Whether this process was made by start_self.
[[nodiscard]] inline bool started_by_self() {
    return inherited_handles().size() >= static_cast<std::size_t>(handed_over::others);
}

/// One of what `start_self` handed over. Only in a process that was made by it.
[[nodiscard]] inline native_handle inherited_handle(handed_over which) {
    return inherited_handles()[static_cast<std::size_t>(which)];
}

} // namespace multiprocessing::platform
