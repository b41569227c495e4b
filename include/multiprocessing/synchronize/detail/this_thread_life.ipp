#pragma once

#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/thread_end.hpp>
#include <multiprocessing/synchronize/detail/life_registry.hpp>
#include <multiprocessing/synchronize/detail/this_thread_life.hpp>
#include <multiprocessing/synchronize/detail/thread_names.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE constinit thread_local life_name this_thread_name = 0;
MULTIPROCESSING_INLINE constinit thread_local life_name this_thread_user_name = 0;

inline constexpr std::array life_scopes_at_hand{life_scope::family, life_scope::user};

MULTIPROCESSING_OF_THIS_COPY MULTIPROCESSING_INLINE void forget_names_at_hand() noexcept {
    for (const life_scope each : life_scopes_at_hand) {
        this_thread_name_in(each) = 0;
    }
}

MULTIPROCESSING_INLINE void thread_names::end(void* its) {
    const std::unique_ptr<thread_names> mine(static_cast<thread_names*>(its));
    {
        auto& all = platform::one_per_process<state>();
        const std::lock_guard guard(all.mutex);
        all.remove(mine.get());
    }
    if constexpr (platform::thread_locals_live_to_thread_end) {
        mine->forget_all();
    }
    for (const life_scope each : life_scopes_at_hand) {
        if (const life_name name = mine->at_hand[static_cast<std::size_t>(each)]; name != 0) {
            life_registry::of(each).resign(name);
        }
    }
    if (mine->resign_others != nullptr) {
        mine->resign_others();
    }
}

MULTIPROCESSING_INLINE life_name enrol_this_thread(life_scope scope) {
    life_name& mine = this_thread_name_in(scope);
    if (mine == 0) {
        thread_names& names = thread_names::get();
        names.when_gone(forget_names_at_hand);
        life_name& known = names.at_hand[static_cast<std::size_t>(scope)];
        if (known == 0) {
            known = life_registry::of(scope).enrol();
        }
        mine = known;
    }
    return mine;
}

MULTIPROCESSING_INLINE bool thread_may_be_in_parents_scopes() {
    const thread_names* const names = thread_names::find();
    return names != nullptr && names->may_be_in_parents_scopes;
}

MULTIPROCESSING_INLINE void thread_is_in_no_scope_of_parents() noexcept {
    if (thread_names* const names = thread_names::find()) {
        names->may_be_in_parents_scopes = false;
    }
}

} // namespace multiprocessing::detail
