#pragma once

#include <multiprocessing/platform/windows/windows_api.hpp>

namespace multiprocessing::platform::windows {

/// The thread that initialised the program: the end of this one is the end of the process.
inline const ::DWORD first_thread = ::GetCurrentThreadId();

template <void (*Function)()>
void at_thread_end() {
    // Made by its first use in a thread. (Not at namespace scope: mingw's linker finds the function that makes such an inline thread_local in
    // every object file, and refuses.)
    struct caller {
        bool armed = false;
        ~caller() {
            if (::GetCurrentThreadId() != first_thread) {
                Function();
            }
        }
    };
    static thread_local caller last;
    last.armed = true;
}

} // namespace multiprocessing::platform::windows
