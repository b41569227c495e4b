#pragma once

#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

namespace multiprocessing::platform::windows {

/// mingw-w64's thread_local objects are emulated, and given back before anything that the system calls at the end of a thread.
inline constexpr bool thread_locals_live_to_thread_end = false;

/// The thread that initialised the program: the end of this one is the end of the process.
inline const ::DWORD first_thread = ::GetCurrentThreadId();

/// By fiber-local storage, which has a callback for each thread that has a value.
template <void (*AtEnd)(void*)>
class thread_slot {
public:
    thread_slot()
        : index_(::FlsAlloc([](void* value) {
              if (::GetCurrentThreadId() != first_thread) {
                  AtEnd(value);
              }
          })) {
        if (index_ == FLS_OUT_OF_INDEXES) {
            throw_os_error(last_os_error(), "FlsAlloc", "the end of a thread");
        }
    }
    thread_slot(const thread_slot&) = delete;
    thread_slot& operator=(const thread_slot&) = delete;
    ~thread_slot() { ::FlsFree(index_); }

    [[nodiscard]] void* get() const noexcept { return ::FlsGetValue(index_); }

    void set(void* value) const {
        if (::FlsSetValue(index_, value) == 0) {
            throw_os_error(last_os_error(), "FlsSetValue", "the end of a thread");
        }
    }

private:
    ::DWORD index_;
};

} // namespace multiprocessing::platform::windows
