#pragma once

#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/robust/waiting.hpp>
#include <multiprocessing/synchronize/detail/event_state.hpp>

namespace multiprocessing::detail {

[[gnu::noinline]] MULTIPROCESSING_INLINE bool event_state::wait_slowly(platform::deadline until) noexcept {
    const std::uint32_t at_call = word.load(std::memory_order_acquire);
    const auto was_set = [&] {
        const std::uint32_t seen = word.load(std::memory_order_acquire);
        return (seen & is_set_bit) != 0 || seen / one_setting != at_call / one_setting;
    };
    return robust::wait_in_slices(robust::address_of(word), until, was_set, [&] { return word.fetch_or(somebody_sleeps) | somebody_sleeps; });
}

[[gnu::noinline]] MULTIPROCESSING_INLINE void event_state::wake_all() noexcept { platform::wait_word::wake_all(robust::address_of(word)); }

} // namespace multiprocessing::detail
