#pragma once

#include <multiprocessing/platform/os_error.hpp>

#include <pthread.h>

namespace multiprocessing::platform::posix {

/// Returns true, so that a namespace-scope variable can be initialised with the registration.
inline bool on_fork(void (*before)(), void (*in_parent)(), void (*in_child)()) {
    if (const int code = ::pthread_atfork(before, in_parent, in_child); code != 0) {
        throw_os_error(code, "pthread_atfork", "the library's fork hooks");
    }
    return true;
}

} // namespace multiprocessing::platform::posix
