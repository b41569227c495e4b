#pragma once

#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/posix/native_handle.hpp>

#include <cerrno>
#include <cstddef>

#include <pthread.h>

namespace multiprocessing::platform::posix {

/// A robust mutex of the *normal* kind: glibc's trylock of a normal mutex never compares the owner's thread id with the
/// caller's, so two threads with equal ids in two pid namespaces are not taken for one. A thread holds one or two tokens
/// in its life, so the kernel's limit of 2,048 robust mutexes a thread is out of reach however many locks it holds.
struct robust_mutex_life_token {
    static constexpr const char* kind = "";

    void initialize(std::size_t) {
        ::pthread_mutexattr_t attributes;
        check(::pthread_mutexattr_init(&attributes), "pthread_mutexattr_init");
        check(::pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_NORMAL), "pthread_mutexattr_settype");
        check(::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED), "pthread_mutexattr_setpshared");
        check(::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST), "pthread_mutexattr_setrobust");
        check(::pthread_mutex_init(&mutex, &attributes), "pthread_mutex_init");
        ::pthread_mutexattr_destroy(&attributes);
    }

    [[nodiscard]] bool try_claim(native_handle) noexcept {
        switch (::pthread_mutex_trylock(&mutex)) {
        case 0:
            return true;
        case EOWNERDEAD:
            // A claimer killed before this line leaves it undone: then the next one is told EOWNERDEAD again.
            ::pthread_mutex_consistent(&mutex);
            return true;
        default:
            return false;
        }
    }

    void release(native_handle) noexcept { ::pthread_mutex_unlock(&mutex); }

    ::pthread_mutex_t mutex;

private:
    static void check(int code, const char* call) {
        if (code != 0) {
            throw_os_error(code, call, "a life token");
        }
    }
};

} // namespace multiprocessing::platform::posix
