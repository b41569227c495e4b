#pragma once

#include <multiprocessing/process/detail/process_record.hpp>
#include <multiprocessing/process/detail/process_record_ptr.hpp>

#include <atomic>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE void process_record_ptr::retain() noexcept {
    if (record_ != nullptr) {
        record_->references.fetch_add(1, std::memory_order_relaxed);
    }
}

MULTIPROCESSING_INLINE void process_record_ptr::release() noexcept {
    if (record_ != nullptr && record_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        delete record_;
    }
}

} // namespace multiprocessing::detail
