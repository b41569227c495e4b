#pragma once

#include <multiprocessing/platform/fork_hooks.hpp>
#include <multiprocessing/platform/thread_end.hpp>
#include <multiprocessing/synchronize/detail/life_registry.hpp>
#include <multiprocessing/synchronize/detail/this_thread_life.hpp>

#include <array>
#include <utility>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE constinit thread_local life_name this_thread_name = 0;
MULTIPROCESSING_INLINE constinit thread_local life_name this_thread_public_names[2] = {0, 0};

inline constexpr std::array all_life_scopes{life_scope::family, life_scope::user, life_scope::everybody};

[[gnu::init_priority(101)]] MULTIPROCESSING_INLINE const platform::fork_hook names_are_hooked{nullptr, nullptr, [] {
    for (const life_scope each : all_life_scopes) {
        this_thread_name_in(each) = 0;
    }
}};

/// At the end of the thread the names go back. At the end of the process they do not: what is held then, by an object with static storage or a
/// handler of atexit, is held until the process has ended.
MULTIPROCESSING_INLINE void resign_all_of_this_thread() {
    for (const life_scope each : all_life_scopes) {
        if constexpr (!platform::thread_locals_live_to_thread_end) {
            life_registry::resign_this_thread(each);
        } else if (const life_name name = std::exchange(this_thread_name_in(each), 0); name != 0) {
            life_registry::of(each).resign(name);
        }
    }
}

MULTIPROCESSING_INLINE life_name enrol_this_thread(life_scope scope) {
    life_name& mine = this_thread_name_in(scope);
    if (mine == 0) {
        platform::at_thread_end<resign_all_of_this_thread>();
        mine = life_registry::of(scope).enrol();
    }
    return mine;
}

} // namespace multiprocessing::detail
