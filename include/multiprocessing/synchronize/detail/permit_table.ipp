#pragma once

#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/robust/waiting.hpp>
#include <multiprocessing/synchronize/detail/permit_table.hpp>

namespace multiprocessing::detail {

struct permit_table::steps {
    [[nodiscard]] static bool is_free(const permit_table& table, robust::life_id owner) noexcept {
        return !owner || !robust::is_alive(table.header, owner);
    }

    [[nodiscard]] static bool has_nobodys(permit_span permits) noexcept {
        for (const auto& each : permits) {
            if (!each.load()) {
                return true;
            }
        }
        return false;
    }

    [[nodiscard]] static bool take_of_dead(const permit_table& table, permit_span permits, robust::life_id me) noexcept {
        for (auto& each : permits) {
            robust::life_id owner = each.load();
            if (is_free(table, owner) && each.compare_exchange_strong(owner, me)) {
                return true;
            }
        }
        return false;
    }
};

MULTIPROCESSING_INLINE std::uint32_t permit_table::free_permits(permit_span permits) const noexcept {
    std::uint32_t count = 0;
    for (const auto& each : permits) {
        count += steps::is_free(*this, each.load(std::memory_order_relaxed)) ? 1U : 0U;
    }
    return count;
}

[[gnu::noinline]] MULTIPROCESSING_INLINE bool permit_table::try_take_slowly(permit_span permits) {
    const robust::life_id me = robust::enrol_this_thread_for(header);
    return take_nobodys(permits, me) || steps::take_of_dead(*this, permits, me);
}

[[gnu::noinline]] MULTIPROCESSING_INLINE bool permit_table::take_slowly(permit_span permits, platform::deadline until) {
    const robust::life_id me = robust::enrol_this_thread_for(header);
    bool slept = false;
    const auto takes = [&] { return take_nobodys(permits, me) || (slept && steps::take_of_dead(*this, permits, me)); };
    const bool in_time = robust::wait_in_slices(robust::address_of(word), until, takes, [&] {
        slept = true;
        return word.fetch_or(somebody_sleeps) | somebody_sleeps;
    });
    const bool had = in_time || steps::take_of_dead(*this, permits, me); // one who does not wait is to have those, too
    if (slept) { // also who goes without: it may have been woken for one that somebody else took, and others sleep on
        word.fetch_or(somebody_sleeps);
        wake_one_if(steps::has_nobodys(permits));
    }
    return had;
}

[[gnu::noinline]] MULTIPROCESSING_INLINE bool permit_table::give_of_another(permit_span permits) const noexcept {
    return give_of(permits, [this](robust::life_id owner) { return robust::is_alive(header, owner); });
}

[[gnu::noinline]] MULTIPROCESSING_INLINE void permit_table::wake_one() noexcept {
    word.fetch_add(1);
    platform::wait_word::wake_one(robust::address_of(word));
}

} // namespace multiprocessing::detail
