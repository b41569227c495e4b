#pragma once

#include "check.hpp"

#include <cerrno>
#include <new>

#include <pthread.h>
#include <sys/mman.h>

/// \file
/// The peer: what one would write without the library, against the system's own calls.

namespace benchmarks {

/// A value and the mutex that offers what the library's lock does (recursive, between processes, had by the next one when its
/// owner dies), on one cache line as far as they fit, in an anonymous shared mapping.
template <class T>
class guarded_by_robust_mutex {
public:
    guarded_by_robust_mutex() {
        void* const memory = ::mmap(nullptr, sizeof(shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        check(memory != MAP_FAILED, "mmap");
        shared_ = new (memory) shared();
        ::pthread_mutexattr_t attributes;
        ::pthread_mutexattr_init(&attributes);
        ::pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
        ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        ::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
        errno = ::pthread_mutex_init(&shared_->mutex, &attributes);
        check(errno == 0, "pthread_mutex_init");
        ::pthread_mutexattr_destroy(&attributes);
    }
    ~guarded_by_robust_mutex() { ::munmap(shared_, sizeof(shared)); }
    guarded_by_robust_mutex(const guarded_by_robust_mutex&) = delete;
    guarded_by_robust_mutex& operator=(const guarded_by_robust_mutex&) = delete;

    /// The results go unchecked, which is generous: a program that relies on a robust mutex has to look at them.
    template <class Change>
    void update(Change change) const {
        ::pthread_mutex_lock(&shared_->mutex);
        change(shared_->value);
        ::pthread_mutex_unlock(&shared_->mutex);
    }

private:
    struct alignas(64) shared {
        ::pthread_mutex_t mutex;
        T value;
    };
    shared* shared_;
};

} // namespace benchmarks
