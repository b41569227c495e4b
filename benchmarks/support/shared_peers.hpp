#pragma once

#include "check.hpp"

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <new>
#include <utility>

#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/// \file
/// The peers: what the system and Boost offer to wait with, in an anonymous shared mapping.

namespace benchmarks {

/// A T that children share.
template <class T>
class mapped {
public:
    template <class... Args>
    explicit mapped(Args&&... args) {
        void* const memory = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        check(memory != MAP_FAILED, "mmap");
        object_ = new (memory) T(std::forward<Args>(args)...);
    }
    ~mapped() { ::munmap(object_, sizeof(T)); }
    mapped(const mapped&) = delete;
    mapped& operator=(const mapped&) = delete;

    T* operator->() const noexcept { return object_; }
    T& operator*() const noexcept { return *object_; }

private:
    T* object_;
};

struct posix_semaphore {
    explicit posix_semaphore(unsigned permits) { check(::sem_init(&semaphore, 1, permits) == 0, "sem_init"); }
    void acquire() {
        while (::sem_wait(&semaphore) != 0) {
        }
    }
    void release() { ::sem_post(&semaphore); }

    ::sem_t semaphore;
};

/// The least that can sleep and wake: a word, one compare-exchange to take, one exchange to give, no spinning.
struct bare_futex {
    explicit bare_futex(std::uint32_t permits) : word(permits) {}
    void acquire() {
        for (;;) {
            std::uint32_t seen = word.load(std::memory_order_relaxed);
            while (seen != 0) {
                if (word.compare_exchange_weak(seen, seen - 1, std::memory_order_acquire)) {
                    return;
                }
            }
            sleepers.fetch_add(1);
            ::syscall(SYS_futex, &word, FUTEX_WAIT, 0, nullptr, nullptr, 0);
            sleepers.fetch_sub(1);
        }
    }
    void release() {
        word.fetch_add(1);
        if (sleepers.load() != 0) {
            ::syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
        }
    }

    std::atomic<std::uint32_t> word;
    std::atomic<std::uint32_t> sleepers{0};
};

struct pthread_condition {
    pthread_condition() {
        ::pthread_mutexattr_t for_mutex;
        ::pthread_mutexattr_init(&for_mutex);
        ::pthread_mutexattr_setpshared(&for_mutex, PTHREAD_PROCESS_SHARED);
        errno = ::pthread_mutex_init(&mutex, &for_mutex);
        check(errno == 0, "pthread_mutex_init");
        ::pthread_condattr_t for_condition;
        ::pthread_condattr_init(&for_condition);
        ::pthread_condattr_setpshared(&for_condition, PTHREAD_PROCESS_SHARED);
        errno = ::pthread_cond_init(&condition, &for_condition);
        check(errno == 0, "pthread_cond_init");
    }
    void lock() { ::pthread_mutex_lock(&mutex); }
    void unlock() { ::pthread_mutex_unlock(&mutex); }
    template <class Predicate>
    void wait(Predicate holds) {
        while (!holds()) {
            ::pthread_cond_wait(&condition, &mutex);
        }
    }
    void notify() { ::pthread_cond_signal(&condition); }

    ::pthread_mutex_t mutex;
    ::pthread_cond_t condition;
};

} // namespace benchmarks
