#pragma once

#include <multiprocessing/platform/os_error.hpp>

#include <pthread.h>

namespace multiprocessing::platform::posix {

inline constexpr bool thread_locals_live_to_thread_end = true;

/// By a key of thread-specific data, whose destructor runs after all of C++'s, and again when a later one has set the value anew. The end of
/// the process runs none.
template <void (*AtEnd)(void*)>
class thread_slot {
public:
    thread_slot() {
        if (const int code = ::pthread_key_create(&key_, AtEnd); code != 0) {
            throw_os_error(code, "pthread_key_create", "the end of a thread");
        }
    }
    thread_slot(const thread_slot&) = delete;
    thread_slot& operator=(const thread_slot&) = delete;
    ~thread_slot() { ::pthread_key_delete(key_); }

    [[nodiscard]] void* get() const noexcept { return ::pthread_getspecific(key_); }

    void set(void* value) const {
        if (const int code = ::pthread_setspecific(key_, value); code != 0) {
            throw_os_error(code, "pthread_setspecific", "the end of a thread");
        }
    }

private:
    ::pthread_key_t key_{};
};

} // namespace multiprocessing::platform::posix
