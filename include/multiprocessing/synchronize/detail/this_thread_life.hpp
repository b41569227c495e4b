#pragma once

#include <multiprocessing/platform/fork_hooks.hpp>
#include <multiprocessing/synchronize/detail/life_registry.hpp>

#include <utility>

/// \file
/// The name of the calling thread.

namespace multiprocessing::detail {

/// 0 until the thread first needs a name, in a forked child (whose thread is another one, with the memory of its parent's), and
/// after the thread has given it up. Constant-initialised and trivially destructible: a thread_local with a destructor would cost a
/// guard at each access, and this is read at each lock.
inline constinit thread_local life_name this_thread_name = 0;

inline const bool names_are_hooked =
    platform::on_fork(nullptr, nullptr, [] { this_thread_name = 0; });

/// At the end of the thread the name goes back. A thread that is ended otherwise, or takes a lock in a later destructor and so enrols
/// again, leaves that to the kernel.
struct resign_at_thread_end {
    bool armed = false;
    ~resign_at_thread_end() {
        if (const life_name name = std::exchange(this_thread_name, 0); name != 0) {
            life_registry::family().resign(name);
        }
    }
};

/// The calling thread's name, given now if it has none. Throws what `life_registry::enrol` throws.
[[nodiscard]] inline life_name enrol_this_thread() {
    if (this_thread_name == 0) {
        this_thread_name = life_registry::family().enrol();
        // Its first use in a thread registers the destructor. (Not at namespace scope: mingw's linker finds the function that makes such
        // an inline thread_local in every object file, and refuses.)
        static thread_local resign_at_thread_end resign;
        resign.armed = true;
    }
    return this_thread_name;
}

} // namespace multiprocessing::detail
