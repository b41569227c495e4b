#pragma once

#include <multiprocessing/memory/allocate.hpp>
#include <multiprocessing/memory/named_content.hpp>
#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/reduction/incoming.hpp>
#include <multiprocessing/reduction/outgoing.hpp>
#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/robust/named_guard.hpp>
#include <multiprocessing/synchronize/detail/lock_handle.hpp>

#include <cstddef>
#include <ostream>
#include <system_error>

namespace multiprocessing::detail {

MULTIPROCESSING_INLINE lock_handle::lock_handle(bool recursive) : lock_handle(memory::allocate(sizeof(robust::mutex), 64)) {
    if (!recursive) {
        header().flags.fetch_or(robust::mutex::not_recursive, std::memory_order_relaxed);
    }
}

MULTIPROCESSING_INLINE lock_handle::lock_handle(naming how, const object_name& name, bool recursive)
    : lock_handle(robust::make_named_guarded(how, name, lock_access::content(recursive), [&](std::byte* block) {
                      if (!recursive) {
                          reinterpret_cast<robust::mutex*>(block)->flags = robust::mutex::not_recursive;
                      }
                  }).object) {}

MULTIPROCESSING_INLINE lock_handle::lock_handle(memory::block block) : block_(std::move(block)) {
    robust::learn_lives(block_);
}

MULTIPROCESSING_INLINE bool lock_handle::locked() const { return header().has_living_owner(); }

MULTIPROCESSING_INLINE void lock_handle::make_consistent() const {
    if (!header().is_owner()) {
        robust::mutex::throw_not_owner("make_consistent");
    }
    header().make_consistent();
}

MULTIPROCESSING_INLINE void lock_handle::set_owner_died_policy(OwnerDiedPolicy policy) const {
    if (policy == OwnerDiedPolicy::throw_exception) {
        header().flags.fetch_or(robust::mutex::throws_owner_died, std::memory_order_relaxed);
    } else {
        header().flags.fetch_and(static_cast<std::uint8_t>(~robust::mutex::throws_owner_died), std::memory_order_relaxed);
    }
}

MULTIPROCESSING_INLINE OwnerDiedPolicy lock_handle::owner_died_policy() const {
    return header().has(robust::mutex::throws_owner_died) ? OwnerDiedPolicy::throw_exception : OwnerDiedPolicy::recover;
}

MULTIPROCESSING_INLINE std::ostream& operator<<(std::ostream& out, const lock_handle& lock) {
    const robust::mutex& header = lock.header();
    const bool mine = header.is_owner();
    const bool free = header.owner().is_nobody();
    const char* const owner = mine ? "ThisThread" : free ? "None" : "SomeOtherThread";
    if (!lock.is_recursive()) {
        return out << "<Lock(owner=" << owner << ")>";
    }
    out << "<RLock(" << owner << ", ";
    return (mine ? out << header.depth + 1 : out << (free ? "0" : "nonzero")) << ")>";
}

[[gnu::noinline]] MULTIPROCESSING_INLINE void lock_handle::throw_deadlock() {
    throw std::system_error(std::make_error_code(std::errc::resource_deadlock_would_occur),
                            "multiprocessing: lock of a Lock that this thread holds already; an RLock can be locked again");
}

MULTIPROCESSING_INLINE memory::named_content lock_access::content(bool recursive) {
    return {recursive ? named_kind::rlock : named_kind::lock, "lock", sizeof(robust::mutex), alignof(robust::mutex), 1, 0,
            {sizeof(robust::mutex)}};
}

MULTIPROCESSING_INLINE void lock_access::reduce(const lock_handle& lock, reduction::outgoing& out) { out.put_block(block(lock)); }

MULTIPROCESSING_INLINE memory::block lock_access::rebuild(reduction::incoming& in) {
    memory::block block = in.take_block(sizeof(robust::mutex), alignof(robust::mutex));
    robust::learn_lives_of_handed_over(block);
    return block;
}

} // namespace multiprocessing::detail
