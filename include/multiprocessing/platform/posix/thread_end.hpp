#pragma once

#include <multiprocessing/platform/os_error.hpp>

#include <pthread.h>

namespace multiprocessing::platform::posix {

inline constexpr bool thread_locals_live_to_thread_end = true;

/// By a key of thread-specific data, whose destructor runs after all of C++'s, and again when a later one has set the value anew. The end of
/// the process runs none.
template <void (*Function)()>
void at_thread_end() {
    static const ::pthread_key_t key = [] {
        ::pthread_key_t fresh{};
        if (const int code = ::pthread_key_create(&fresh, [](void*) { Function(); }); code != 0) {
            throw_os_error(code, "pthread_key_create", "the end of a thread");
        }
        return fresh;
    }();
    if (const int code = ::pthread_setspecific(key, &key); code != 0) { // the destructor runs for threads with a value
        throw_os_error(code, "pthread_setspecific", "the end of a thread");
    }
}

} // namespace multiprocessing::platform::posix
