#pragma once

#include <multiprocessing/robust/guarded_elsewhere.hpp>
#include <multiprocessing/robust/lock_table.hpp>

#include <atomic>

namespace multiprocessing::robust {

MULTIPROCESSING_INLINE guarded_elsewhere::entry::entry(mutex_state& lock, const redo_log& log, bool is_array, std::size_t bytes)
    : lock_(&lock), log_(log), is_array_(is_array), bytes_(bytes) {
    lock_table<entry>::add(*lock_, *this);
    lock_->flags.fetch_or(mutex_state::guards_others, std::memory_order_relaxed);
}

MULTIPROCESSING_INLINE guarded_elsewhere::entry::~entry() { lock_table<entry>::remove(*lock_, *this); }

MULTIPROCESSING_INLINE bool guarded_elsewhere::complete_all(mutex_state& lock) noexcept {
    bool all = true;
    lock_table<entry>::for_each(lock, [&all](const entry& each) { all = each.complete() && all; });
    return all;
}

} // namespace multiprocessing::robust
