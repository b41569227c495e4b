#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/base/form.hpp>

#include <system_error>

/// \file
/// What is to happen when the owner of a lock died holding it.

namespace multiprocessing {

/// Thrown by the call that would have acquired a lock whose owner died holding it, where the lock's policy asks for that
/// (`OwnerDiedPolicy::throw_exception`). Whoever catches it does *not* hold the lock. Its code is `std::errc::owner_dead`, which is what POSIX
/// calls it (EOWNERDEAD of pthread_mutex_lock; there the caller holds the mutex). Python has nothing like it: its locks stay locked.
///
/// \see docs/recovery.md
class OwnerDied : public std::system_error {
public:
    OwnerDied();
};

/// What a call that acquires a lock does when `owner_died()` is true of it, and this process has no OwnerDiedCallback for it. Kept in the
/// lock, in shared memory, so that it is the same for all processes.
enum class OwnerDiedPolicy {
    /// It takes the lock, and `owner_died()` tells whoever asks. Right wherever each operation is whole by itself. The policy of a new lock.
    recover,
    /// It gives the lock back and throws OwnerDied, and so does every other one until somebody repairs. Right where nobody may go on
    /// with what is half-changed.
    throw_exception,
};

} // namespace multiprocessing

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/robust/owner_died.ipp>
#endif
