#pragma once

#include <multiprocessing/platform/fork_hooks.hpp>
#include <multiprocessing/platform/thread_end.hpp>
#include <multiprocessing/synchronize/detail/life_registry.hpp>
#include <multiprocessing/synchronize/detail/this_thread_life.hpp>

#include <array>
#include <utility>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE constinit thread_local life_name this_thread_name = 0;
MULTIPROCESSING_INLINE constinit thread_local life_name this_thread_user_name = 0;

inline constexpr std::array life_scopes_at_hand{life_scope::family, life_scope::user};

[[gnu::init_priority(101)]] MULTIPROCESSING_INLINE const platform::fork_hook names_are_hooked{nullptr, nullptr, [] {
    for (const life_scope each : life_scopes_at_hand) {
        this_thread_name_in(each) = 0;
    }
}};

/// At the end of the thread the names go back. At the end of the process they do not: what is held then, by an object with static storage or a
/// handler of atexit, is held until the process has ended.
MULTIPROCESSING_INLINE void resign_all_of_this_thread() {
    for (const life_scope each : life_scopes_at_hand) {
        if constexpr (!platform::thread_locals_live_to_thread_end) {
            life_registry::resign_this_thread(each);
        } else if (const life_name name = std::exchange(this_thread_name_in(each), 0); name != 0) {
            life_registry::of(each).resign(name);
        }
    }
    if (const life_registry::hook resign = life_registry::resign_this_thread_in_others.load(std::memory_order_acquire)) {
        resign();
    }
}

MULTIPROCESSING_INLINE void resign_at_thread_end() { platform::at_thread_end<resign_all_of_this_thread>(); }

MULTIPROCESSING_INLINE life_name enrol_this_thread(life_scope scope) {
    life_name& mine = this_thread_name_in(scope);
    if (mine == 0) {
        resign_at_thread_end();
        mine = life_registry::of(scope).enrol();
    }
    return mine;
}

} // namespace multiprocessing::detail
