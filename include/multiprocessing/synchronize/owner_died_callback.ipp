#pragma once

#include <multiprocessing/robust/mutex.hpp>
#include <multiprocessing/robust/owner_died_callbacks.hpp>
#include <multiprocessing/synchronize/owner_died_callback.hpp>

#include <memory>

namespace multiprocessing {

MULTIPROCESSING_INLINE OwnerDiedCallback::OwnerDiedCallback(registered, const RLock& lock, std::function<void()> callback)
    : lock_(lock), entry_(new robust::owner_died_entry(detail::lock_access::header(lock_), std::move(callback))) {}

MULTIPROCESSING_INLINE OwnerDiedCallback::~OwnerDiedCallback() {
    const std::unique_ptr<robust::owner_died_entry> entry(entry_);
    if (entry->withdraw()) {
        // Called by an owner of the lock alone: who has had the lock knows that the call is over, or its own.
        robust::mutex& header = detail::lock_access::header(lock_);
        header.lock(robust::purpose::repair);
        header.unlock_owned();
    }
}

} // namespace multiprocessing
