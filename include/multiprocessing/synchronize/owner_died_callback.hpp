#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

/// \file
/// A repair that runs by itself.

namespace multiprocessing {

namespace robust {
class owner_died_entry;
}

/// While it exists, this process repairs by itself what a lock guards: a call that acquires the lock, in any thread, and finds
/// `owner_died()`, calls `callback()` before it returns. As `std::stop_callback`, it registers when constructed and is not copied or moved.
///
///     OwnerDiedCallback repair(ledger.get_lock(), [&] { total = sum_of(accounts); });
///
/// The callback is called with the lock held, and may use what the lock guards as ever. When it returns, the lock is made consistent. When
/// it throws, the lock is given back, still owner_died, and the exception comes out of the acquiring call. Several for one lock are called
/// in the order of registration, and all of them must return. With a callback, the lock's policy is not asked.
///
/// *Kill.* Killed in the callback, a process leaves the lock owner_died; the next one with a callback runs its own. So a
/// repair must be one that can run twice.
///
/// *Fork, spawn.* A forked child has a copy of its parent's registrations, with copies of what their functions captured. A spawned one has none, nor
/// has any other process: each registers its own.
///
/// \see docs/recovery.md, examples/crash_recovery.cpp
class [[nodiscard]] OwnerDiedCallback {
public:
    /// Never blocks. A lock that is owner_died already is repaired by the next call that acquires it.
    template <class Callback>
        requires std::constructible_from<std::decay_t<Callback>, Callback>
    OwnerDiedCallback(const RLock& lock, Callback&& callback)
        : OwnerDiedCallback(registered(), lock, as_function(std::forward<Callback>(callback))) {}

    /// Blocks while another thread is in the callback; when it returns, none is, and none will be.
    ~OwnerDiedCallback();

    OwnerDiedCallback(const OwnerDiedCallback&) = delete;
    OwnerDiedCallback& operator=(const OwnerDiedCallback&) = delete;

private:
    struct registered {};

    OwnerDiedCallback(registered, const RLock& lock, std::function<void()> callback);

    template <class Callback>
    static std::function<void()> as_function(Callback&& callback) {
        constexpr bool takes_nothing = std::invocable<std::decay_t<Callback>&>;
        static_assert(takes_nothing, "multiprocessing: OwnerDiedCallback(lock, f): f is called as f(), without arguments. Let it capture what "
                                     "it repairs: OwnerDiedCallback(lock, [&] { ... }).");
        if constexpr (takes_nothing) {
            return std::function<void()>(std::forward<Callback>(callback));
        } else {
            return {};
        }
    }

    RLock lock_;
    robust::owner_died_entry* entry_; // owned
};

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/synchronize/owner_died_callback.ipp>
#endif
