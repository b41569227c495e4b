#pragma once

#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/platform/thread_end.hpp>
#include <multiprocessing/robust/life_registry.hpp>
#include <multiprocessing/robust/this_thread_life.hpp>
#include <multiprocessing/robust/thread_ids.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>

namespace multiprocessing::robust {

MULTIPROCESSING_INLINE constinit thread_local life_id this_thread_id;
MULTIPROCESSING_INLINE constinit thread_local life_id this_thread_user_id;

inline constexpr std::array life_scopes_at_hand{life_scope::family, life_scope::user};

MULTIPROCESSING_OF_THIS_COPY MULTIPROCESSING_INLINE void forget_names_at_hand() noexcept {
    for (const life_scope each : life_scopes_at_hand) {
        this_thread_id_in(each) = {};
    }
}

MULTIPROCESSING_INLINE void thread_ids::end(void* its) {
    const std::unique_ptr<thread_ids> mine(static_cast<thread_ids*>(its));
    {
        auto& all = platform::one_per_process<state>();
        const std::lock_guard guard(all.mutex);
        all.remove(mine.get());
    }
    if constexpr (platform::thread_locals_live_to_thread_end) {
        mine->forget_all();
    }
    for (const life_scope each : life_scopes_at_hand) {
        if (const life_id name = mine->at_hand[static_cast<std::size_t>(each)]) {
            life_registry::of(each).resign(name);
        }
    }
    if (mine->resign_others != nullptr) {
        mine->resign_others();
    }
}

MULTIPROCESSING_INLINE life_id enrol_this_thread(life_scope scope) {
    life_id& mine = this_thread_id_in(scope);
    if (!mine) {
        thread_ids& names = thread_ids::get();
        names.when_gone(forget_names_at_hand);
        life_id& known = names.at_hand[static_cast<std::size_t>(scope)];
        if (!known) {
            known = life_registry::of(scope).enrol();
        }
        mine = known;
    }
    return mine;
}

MULTIPROCESSING_INLINE bool thread_may_be_in_parents_scopes() {
    const thread_ids* const names = thread_ids::find();
    return names != nullptr && names->may_be_in_parents_scopes;
}

MULTIPROCESSING_INLINE void thread_is_in_no_scope_of_parents() noexcept {
    if (thread_ids* const names = thread_ids::find()) {
        names->may_be_in_parents_scopes = false;
    }
}

} // namespace multiprocessing::robust
