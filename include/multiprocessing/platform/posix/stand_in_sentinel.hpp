#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/posix/background_thread.hpp>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// What is ready for input when a child has ended, where the system has no pidfd for it: an end of a pipe. A thread sleeps until that end, which it does not
/// collect, and then writes a byte to the pipe. (A pipe that the child holds open would be held open by its own children, too.)
class stand_in_sentinel {
public:
    /// Of a child that has ended.
    [[nodiscard]] static owned_handle of_ended(::pid_t pid) {
        ends both = make(pid);
        tell(both.in);
        return std::move(both.out);
    }

    /// Of a child that nobody has collected yet. Its number is not another's before the thread asks: the system gives a number again after all others.
    [[nodiscard]] static owned_handle of_running(::pid_t pid) {
        ends both = make(pid);
        auto mine = std::make_unique<watch>(watch{pid, std::move(both.in)});
        start_background_thread(
            [](void* given) -> void* {
                const std::unique_ptr<watch> its(static_cast<watch*>(given));
                ::siginfo_t info{};
                while (::waitid(P_PID, static_cast<::id_t>(its->pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
                }
                tell(its->in); // it has ended, or somebody has collected it
                return nullptr;
            },
            mine.get());
        static_cast<void>(mine.release());
        return std::move(both.out);
    }

private:
    struct ends {
        owned_handle out;
        owned_handle in;
    };
    struct watch {
        ::pid_t pid;
        owned_handle in;
    };

    [[nodiscard]] static ends make(::pid_t pid) {
        int numbers[2];
        if (::pipe2(numbers, O_CLOEXEC) != 0) {
            throw_not_made(last_os_error(), pid);
        }
        ends both{owned_handle(numbers[0]), owned_handle(numbers[1])};
        if (!both.out || !both.in) {
            throw_not_made(EMFILE, pid);
        }
        return both;
    }
    [[noreturn]] static void throw_not_made(int code, ::pid_t pid) {
        throw_os_error(code, "pipe2",
                       "the sentinel of process " + std::to_string(pid) +
                           ", for which this system refuses pidfd_open: permit one of the two, or wait by join_for or multiprocessing::wait, which need neither");
    }

    /// Unless the program has closed it: its number may be that of a file of the program's.
    static void tell(const owned_handle& in) noexcept {
        if (in.is_whole()) {
            static_cast<void>(::write(in.get(), "", 1));
        }
    }
};

} // namespace multiprocessing::platform::posix
