#pragma once

#include <multiprocessing/platform/os_error.hpp>

#include <csignal>

#include <pthread.h>

namespace multiprocessing::platform::posix {

// Not by std::thread, whose header brings streams and stop tokens. All signals are for the program's threads: its handlers do not run in this one,
// which may have other descriptors than they expect (process_watch).
inline void start_background_thread(void* (*run)(void*), void* argument) {
    ::sigset_t all;
    ::sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    ::pthread_t thread{};
    int code = ::pthread_create(&thread, nullptr, run, argument);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (code == 0) {
        code = ::pthread_detach(thread);
    }
    if (code != 0) {
        throw_os_error(code, "pthread_create", "a thread of the library");
    }
}

inline void start_background_thread(void (*work)()) {
    start_background_thread(
        [](void* function) -> void* {
            (*reinterpret_cast<void (*)()>(function))();
            return nullptr;
        },
        reinterpret_cast<void*>(work));
}

} // namespace multiprocessing::platform::posix
