#pragma once

#include <multiprocessing/platform/image_offset.hpp>
#include <multiprocessing/platform/one_per_process.hpp>
#include <multiprocessing/process/detail/spawn_entry.hpp>

#include <atomic>

namespace multiprocessing::detail {

struct spawn_entry_base::list {
    static constexpr const char* name = "spawn entries";
    static constexpr platform::fork_turn turn = platform::fork_turn::others;

    std::atomic<const spawn_entry_base*> first{nullptr}; // the last that was put there

    [[nodiscard]] static const spawn_entry_base* begin() {
        return platform::one_per_process<list>().first.load(std::memory_order_acquire);
    }
};

MULTIPROCESSING_INLINE spawn_entry_base::spawn_entry_base(std::string_view name, run_function entry) noexcept : name_(name), run_(entry) {
    if (platform::try_one_per_process<list>()) { // else nothing can be spawned, which says why
        auto& first = platform::one_per_process<list>().first;
        next_ = first.load(std::memory_order_relaxed);
        while (!first.compare_exchange_weak(next_, this, std::memory_order_release, std::memory_order_relaxed)) {
        }
    }
}

MULTIPROCESSING_INLINE std::uint64_t spawn_entry_base::offset() const noexcept { return platform::image_offset(this); }

MULTIPROCESSING_INLINE const spawn_entry_base* spawn_entry_base::find(std::string_view name, std::uint64_t offset) {
    const spawn_entry_base* each = list::begin();
    while (each != nullptr && (each->name() != name || each->offset() != offset)) {
        each = each->next_;
    }
    return each;
}

MULTIPROCESSING_INLINE bool spawn_entry_base::is_ambiguous() const {
    int found = 0;
    for (const spawn_entry_base* each = list::begin(); each != nullptr; each = each->next_) {
        found += each->name() == name() && each->offset() == offset() ? 1 : 0;
    }
    return found > 1;
}

} // namespace multiprocessing::detail
