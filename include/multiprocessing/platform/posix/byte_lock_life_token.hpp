#pragma once

#include <multiprocessing/platform/posix/fork_hooks.hpp>
#include <multiprocessing/platform/posix/native_handle.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <unordered_map>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// A record lock (`fcntl`, POSIX) on one byte of the file that the token lies in, for systems without robust mutexes. The system lets go of it
/// when its process ends, however that ends; it is not inherited by fork.
///
/// The protocol. Such a lock belongs to a process, a token to a thread: so each process keeps a private table of the tokens that its threads hold.
/// A token is held by a thread of this process if it is in the table, and by one of another process if the byte cannot be locked. To claim is to lock
/// the byte and then enter the token, to release is to do both backwards, with the table locked throughout; and a thread that ends is seen to by
/// the destructor of a pthread key, which runs after all of C++'s, and again for what a later destructor claimed.
/// Interruptions: to be killed in between loses the table along with the locks. A forked child has neither: its copy of the table is emptied.
///
/// The one trap of these locks: a process that closes *any* descriptor of the file lets go of all of them. Nothing in this library does (start_self
/// duplicates descriptors in the child alone); a program that closes descriptors which it did not open is on its own.
struct byte_lock_life_token {
    static constexpr const char* kind = ".byte-locks";

    void initialize(std::size_t place) noexcept { offset = place; }

    [[nodiscard]] bool try_claim(native_handle home) noexcept {
        const std::lock_guard guard(held::mutex());
        if (held::table().contains(this)) {
            return false;
        }
        if (!set_lock(home, offset, F_WRLCK)) {
            return false; // somebody else's; or the system has no room for more locks: not known to be dead
        }
        if (!held::enter(this, home)) {
            set_lock(home, offset, F_UNLCK);
            return false;
        }
        return true;
    }

    void release(native_handle home) noexcept {
        const std::lock_guard guard(held::mutex());
        held::table().erase(this);
        set_lock(home, offset, F_UNLCK);
    }

    std::uint64_t offset; // of the byte, in the file

private:
    static bool set_lock(native_handle file, std::uint64_t byte, short type) noexcept {
        struct ::flock lock{};
        lock.l_type = type;
        lock.l_whence = SEEK_SET;
        lock.l_start = static_cast<::off_t>(byte);
        lock.l_len = 1;
        return ::fcntl(file, F_SETLK, &lock) == 0;
    }

    /// The tokens that this process's threads hold.
    struct held {
        struct holder {
            ::pthread_t thread;
            native_handle file;
        };
        using tokens = std::unordered_map<byte_lock_life_token*, holder>;

        // Never destroyed: threads may end, and ask for lives, while the program ends.
        static std::mutex& mutex() noexcept { return *mutex_; }
        static tokens& table() noexcept { return *table_; }

        static bool enter(byte_lock_life_token* token, native_handle file) noexcept {
            try {
                // The value is of no use, but the destructor runs for threads with one.
                return ::pthread_setspecific(at_thread_end(), &table()) == 0 &&
                       table().insert({token, {::pthread_self(), file}}).second;
            } catch (const std::bad_alloc&) {
                return false;
            }
        }

    private:
        static ::pthread_key_t at_thread_end() noexcept {
            static const ::pthread_key_t key = [] {
                ::pthread_key_t fresh{};
                ::pthread_key_create(&fresh, [](void*) { release_all_of_this_thread(); });
                return fresh;
            }();
            return key;
        }

        static void release_all_of_this_thread() noexcept {
            const std::lock_guard guard(mutex());
            std::erase_if(table(), [](const auto& entry) {
                if (::pthread_equal(entry.second.thread, ::pthread_self()) == 0) {
                    return false;
                }
                set_lock(entry.second.file, entry.first->offset, F_UNLCK);
                return true;
            });
        }

        static inline std::mutex* const mutex_ = new std::mutex;
        static inline tokens* const table_ = new tokens;
        static inline const bool hooked_ = on_fork([] { mutex().lock(); }, [] { mutex().unlock(); },
                                                   [] {
                                                       table().clear();
                                                       mutex().unlock();
                                                   });
    };
};

static_assert(sizeof(byte_lock_life_token) == 8);

} // namespace multiprocessing::platform::posix
