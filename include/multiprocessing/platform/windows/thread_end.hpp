#pragma once

#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

namespace multiprocessing::platform::windows {

/// mingw-w64's thread_local objects are emulated, and given back before anything that the system calls at the end of a thread.
inline constexpr bool thread_locals_live_to_thread_end = false;

/// The thread that initialised the program: the end of this one is the end of the process.
inline const ::DWORD first_thread = ::GetCurrentThreadId();

/// By fiber-local storage, which has a callback for each thread that has a value.
template <void (*Function)()>
void at_thread_end() {
    static const ::DWORD index = [] {
        const ::DWORD fresh = ::FlsAlloc([](void*) {
            if (::GetCurrentThreadId() != first_thread) {
                Function();
            }
        });
        if (fresh == FLS_OUT_OF_INDEXES) {
            throw_os_error(last_os_error(), "FlsAlloc", "the end of a thread");
        }
        return fresh;
    }();
    if (::FlsSetValue(index, const_cast<::DWORD*>(&first_thread)) == 0) { // anything but null
        throw_os_error(last_os_error(), "FlsSetValue", "the end of a thread");
    }
}

} // namespace multiprocessing::platform::windows
