#pragma once

#include <multiprocessing/platform/windows/process_id.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace multiprocessing::platform::windows {

/// What no two things of a session have in common: the process they are from (its number and start, as process_id), and a count there.
struct session_unique {
    std::uint64_t start_time;
    std::uint32_t process;
    std::uint32_t count;

    [[nodiscard]] static session_unique of_this_process(std::uint32_t count) noexcept {
        static const std::uint64_t start_time = start_time_of(::GetCurrentProcess());
        return {start_time, ::GetCurrentProcessId(), count};
    }
};

/// A kernel mutex, which the system abandons when its thread ends, however that ends. It is found by a name made of the token's
/// number; the mutex and its name are gone with the last handle of it, so a killed holder leaves nothing behind.
///
/// The protocol. Free: nobody holds the mutex; mostly there is none of that name. Held: the holder's thread owns the mutex and its
/// process keeps a handle of it. `holder` and `handle` are written by the holder alone, after it has the mutex and before it gives it
/// back, and they are of use to the holder alone; whoever claims after a death overwrites them.
/// Interruptions: killed anywhere, a claimer's mutex is abandoned by the kernel, and the next claim succeeds.
///
/// A kernel mutex is recursive, a token is not: a claim by the very thread that holds it is told by `holder`, which names threads
/// for all time (a thread's system number is given again).
struct life_token {
    static constexpr const char* kind = "";

    void initialize(std::size_t) noexcept {
        static std::atomic<std::uint32_t> tokens{0};
        id = session_unique::of_this_process(tokens.fetch_add(1, std::memory_order_relaxed));
        clear_holder();
        handle = nullptr;
    }

    [[nodiscard]] bool try_claim(native_handle) noexcept {
        const session_unique me = this_thread();
        if (is_holder(me)) {
            return false;
        }
        owned_handle mutex(::CreateMutexW(nullptr, FALSE, name().data())); // or opens it
        if (!mutex) {
            return false; // it is somebody's that we may not touch, or there is no handle left: not known to be dead
        }
        switch (::WaitForSingleObject(mutex.get(), 0)) {
        case WAIT_OBJECT_0:
        case WAIT_ABANDONED:
            break;
        default:
            return false;
        }
        if (is_of_process(me)) {
            ::CloseHandle(handle); // a thread of this process had it and ended without a word
        }
        handle = mutex.release();
        set_holder(me);
        return true;
    }

    void release(native_handle) noexcept {
        const native_handle mutex = handle;
        clear_holder(); // before the mutex: afterwards it is the next holder's to write
        handle = nullptr;
        ::ReleaseMutex(mutex);
        ::CloseHandle(mutex);
    }

    session_unique id;
    std::atomic<std::uint64_t> holder_start_time;
    std::atomic<std::uint64_t> holder_thread; // process and count of a session_unique
    native_handle handle;                     // in the holder's process

private:
    /// Trivial, so that it costs no guard. 0: not numbered yet.
    static inline constinit thread_local std::uint32_t thread_count_ = 0;

    [[nodiscard]] static session_unique this_thread() noexcept {
        static std::atomic<std::uint32_t> threads{0};
        if (thread_count_ == 0) {
            thread_count_ = threads.fetch_add(1, std::memory_order_relaxed) + 1;
        }
        return session_unique::of_this_process(thread_count_);
    }

    [[nodiscard]] static std::uint64_t thread_in(const session_unique& thread) noexcept {
        return std::uint64_t{thread.process} << 32 | thread.count;
    }

    [[nodiscard]] bool is_holder(const session_unique& thread) const noexcept {
        return holder_thread.load(std::memory_order_relaxed) == thread_in(thread) &&
               holder_start_time.load(std::memory_order_relaxed) == thread.start_time;
    }

    [[nodiscard]] bool is_of_process(const session_unique& process) const noexcept {
        return holder_thread.load(std::memory_order_relaxed) >> 32 == process.process &&
               holder_start_time.load(std::memory_order_relaxed) == process.start_time;
    }

    void set_holder(const session_unique& thread) noexcept {
        holder_start_time.store(thread.start_time, std::memory_order_relaxed);
        holder_thread.store(thread_in(thread), std::memory_order_relaxed);
    }

    void clear_holder() noexcept {
        holder_thread.store(0, std::memory_order_relaxed);
        holder_start_time.store(0, std::memory_order_relaxed);
    }

    using mutex_name = std::array<wchar_t, 64>;

    /// In the session's own namespace, where any process may make names.
    [[nodiscard]] mutex_name name() const noexcept {
        mutex_name text{L"Local\\multiprocessing-life-"};
        std::size_t at = 0;
        while (text[at] != L'\0') {
            ++at;
        }
        const auto append = [&](std::uint64_t number) {
            for (int shift = 60; shift >= 0; shift -= 4) {
                text[at++] = L"0123456789abcdef"[number >> shift & 0xf];
            }
        };
        append(id.start_time);
        append(thread_in(id));
        return text;
    }
};

static_assert(sizeof(session_unique) == 16 && sizeof(life_token) == 40);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

} // namespace multiprocessing::platform::windows
