#pragma once

#include <multiprocessing/synchronize/detail/owner_died_callbacks.hpp>
#include <multiprocessing/synchronize/detail/robust_lock.hpp>
#include <multiprocessing/synchronize/owner_died_callback.hpp>

#include <memory>

namespace multiprocessing {

MULTIPROCESSING_INLINE OwnerDiedCallback::OwnerDiedCallback(registered, const RLock& lock, std::function<void()> callback)
    : lock_(lock), entry_(new detail::owner_died_entry(detail::lock_access::header(lock_), std::move(callback))) {}

MULTIPROCESSING_INLINE OwnerDiedCallback::~OwnerDiedCallback() {
    const std::unique_ptr<detail::owner_died_entry> entry(entry_);
    if (entry->withdraw()) {
        // Called by an owner of the lock alone: who has had the lock knows that the call is over, or its own.
        detail::guard_header& header = detail::lock_access::header(lock_);
        detail::robust_lock::lock(header, detail::purpose::repair);
        detail::robust_lock::unlock_owned(header);
    }
}

} // namespace multiprocessing
