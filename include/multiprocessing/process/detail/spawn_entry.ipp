#pragma once

#include <multiprocessing/platform/image_offset.hpp>
#include <multiprocessing/process/detail/spawn_entry.hpp>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE constinit const spawn_entry_base* spawn_entry_base::first_ = nullptr;

MULTIPROCESSING_INLINE spawn_entry_base::spawn_entry_base(const char* name, run_function entry) noexcept
    : name_(name), run_(entry), next_(first_) {
    first_ = this;
}

MULTIPROCESSING_INLINE std::uint64_t spawn_entry_base::offset() const noexcept { return platform::image_offset(this); }

MULTIPROCESSING_INLINE const spawn_entry_base* spawn_entry_base::find(std::string_view name, std::uint64_t offset) noexcept {
    const spawn_entry_base* each = first_;
    while (each != nullptr && (each->name() != name || each->offset() != offset)) {
        each = each->next_;
    }
    return each;
}

MULTIPROCESSING_INLINE bool spawn_entry_base::is_ambiguous() const noexcept {
    int found = 0;
    for (const spawn_entry_base* each = first_; each != nullptr; each = each->next_) {
        found += each->name() == name() && each->offset() == offset() ? 1 : 0;
    }
    return found > 1;
}

} // namespace multiprocessing::detail
