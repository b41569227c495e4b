#pragma once

#include <multiprocessing/platform/wait_word.hpp>
#include <multiprocessing/robust/waiting.hpp>
#include <multiprocessing/synchronize/atomic_wait.hpp>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE bool wait_for_change(const void* word, std::uint32_t old, platform::deadline until, function_ref<bool()> has_changed) {
    return robust::wait_in_slices(static_cast<const std::uint32_t*>(word), until, has_changed, [old] { return old; });
}

MULTIPROCESSING_INLINE void wake_waiters(const void* word, bool all) noexcept {
    const auto* const bits = static_cast<const std::uint32_t*>(word);
    all ? platform::wait_word::wake_all(bits) : platform::wait_word::wake_one(bits);
}

} // namespace multiprocessing::detail
