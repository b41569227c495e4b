#pragma once

#include <multiprocessing/platform/os_error.hpp>

#include <pthread.h>

namespace multiprocessing::platform::posix {

// Not by std::thread, whose header brings streams and stop tokens.
inline void start_background_thread(void (*work)()) {
    const auto run = [](void* function) -> void* {
        (*reinterpret_cast<void (*)()>(function))();
        return nullptr;
    };
    ::pthread_t thread{};
    int code = ::pthread_create(&thread, nullptr, run, reinterpret_cast<void*>(work));
    if (code == 0) {
        code = ::pthread_detach(thread);
    }
    if (code != 0) {
        throw_os_error(code, "pthread_create", "a thread of the library");
    }
}

} // namespace multiprocessing::platform::posix
