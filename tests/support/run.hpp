#pragma once

#include <multiprocessing/platform/wait_word.hpp>

#include <support/sanitized.hpp>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>

#include <pthread.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/// \file
/// Children of the tests' own making (a bare `fork`), and what they and the test tell each other. None of them returns into the
/// test runner, and none outlives its time: a child that hangs is ended by its alarm, and shows as `-SIGALRM`.

namespace support {

/// So long may anything take that should take no time at all.
inline constexpr std::chrono::seconds patience{60};

/// What a child ends with when an expectation in it failed or an exception escaped.
inline constexpr int failed = 101;

namespace detail {

inline thread_local ::sigset_t mask_before_fork;

/// Around every fork in the test program, the library's too. The runner's handlers of signals must not run in a child, where they would
/// report, and allocate, in the middle of anything; so signals wait until the child has the default ones. And it gets its alarm.
inline const bool children_are_prepared =
    ::pthread_atfork(
        [] {
            ::sigset_t all;
            ::sigfillset(&all);
            ::pthread_sigmask(SIG_SETMASK, &all, &mask_before_fork);
        },
        [] { ::pthread_sigmask(SIG_SETMASK, &mask_before_fork, nullptr); },
        [] {
            for (const int signal : {SIGINT, SIGILL, SIGFPE, SIGSEGV, SIGTERM, SIGABRT}) {
                std::signal(signal, SIG_DFL);
            }
            ::alarm(static_cast<unsigned>(patience.count()));
            ::pthread_sigmask(SIG_SETMASK, &mask_before_fork, nullptr);
        }) == 0;

} // namespace detail

/// For children, where the test framework's macros must not be used: says what failed, and ends the child with `failed`.
inline void expect(bool holds, const char* what = "", const char* file = __builtin_FILE(),
                   int line = __builtin_LINE()) {
    if (!holds) {
        throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": not so: " + what);
    }
}

/// Calls it, and makes an exit code of how that ended.
template <class Body>
[[nodiscard]] int exit_code_of(Body& body) noexcept {
    try {
        if constexpr (std::is_void_v<std::invoke_result_t<Body&>>) {
            body();
            return 0;
        } else {
            return body();
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "in a child: %s\n", error.what());
    } catch (...) {
        std::fputs("in a child: an exception that is not a std::exception\n", stderr);
    }
    return failed;
}

inline void flush_output() {
    std::cout.flush();
    std::fflush(stdout); // not all: one that a thread reads (surroundings.hpp) would be waited for
}

/// The exit code of a child that is waited for, or minus the signal that ended it.
inline int wait_for(::pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) != pid) {
        if (errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "waitpid");
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// A child by a bare fork; killed and waited for, if nobody did, by the destructor.
class child_process {
public:
    template <class Body>
    explicit child_process(Body body) {
        flush_output();
        pid_ = ::fork();
        if (pid_ < 0) {
            throw std::system_error(errno, std::generic_category(), "fork");
        }
        if (pid_ == 0) {
            ::_exit(exit_code_of(body));
        }
    }
    child_process(child_process&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
    child_process& operator=(child_process&&) = delete;
    ~child_process() {
        if (pid_ != 0) {
            ::kill(pid_, SIGKILL);
            wait_for(pid_);
        }
    }

    [[nodiscard]] ::pid_t pid() const noexcept { return pid_; }
    void send(int signal) const noexcept { ::kill(pid_, signal); }

    /// Its exit code, or minus the signal that ended it.
    int wait() { return wait_for(std::exchange(pid_, 0)); }

    /// Lets it live on for itself.
    ::pid_t detach() noexcept { return std::exchange(pid_, 0); }

private:
    ::pid_t pid_ = 0;
};

/// Runs it in a child, from beginning to end.
template <class Body>
[[nodiscard]] int run_child(Body body) {
    return child_process(std::move(body)).wait();
}

/// The same file by a number that is no standard stream's, which it has where those are closed (surroundings.hpp).
[[nodiscard]] inline int above_streams(int file) {
    const int moved = ::fcntl(file, F_DUPFD_CLOEXEC, 3);
    ::close(file);
    return moved;
}

struct outcome {
    int code;
    std::string out;
    std::string err;
};

/// The same, with what it and its own children write. The child's stdout is fully buffered.
template <class Body>
[[nodiscard]] outcome run_captured(Body body) {
    const int out = above_streams(::memfd_create("out", MFD_CLOEXEC));
    const int err = above_streams(::memfd_create("err", MFD_CLOEXEC));
    const int code = run_child([&] {
        ::dup2(out, STDOUT_FILENO);
        ::dup2(err, STDERR_FILENO);
        std::setvbuf(stdout, nullptr, _IOFBF, BUFSIZ);
        const int result = exit_code_of(body);
        flush_output();
        return result;
    });
    const auto text = [](int file) {
        std::string all(static_cast<std::size_t>(::lseek(file, 0, SEEK_END)), '\0');
        const auto got = ::pread(file, all.data(), all.size(), 0);
        ::close(file);
        return got == static_cast<::ssize_t>(all.size()) ? all : "(unreadable)";
    };
    std::string out_text = text(out);
    return {code, std::move(out_text), text(err)};
}

/// How often a text stands in another.
[[nodiscard]] inline int count_of(const std::string& what, const std::string& text) {
    int count = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
        ++count;
    }
    return count;
}

/// Looks again and again until it is so; false when patience ran out.
template <class Condition>
[[nodiscard]] bool eventually(Condition holds) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return true;
}

/// An object in memory that this process and its children share, which is none of the library's.
template <class T>
class shared {
public:
    template <class... Args>
    explicit shared(Args&&... args) {
        void* const place = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (place == MAP_FAILED) {
            throw std::bad_alloc();
        }
        object_ = new (place) T(std::forward<Args>(args)...);
    }
    shared(const shared&) = delete;
    shared& operator=(const shared&) = delete;
    ~shared() { ::munmap(object_, sizeof(T)); }

    T& operator*() const noexcept { return *object_; }
    T* operator->() const noexcept { return object_; }

private:
    T* object_;
};

/// Raised once, and waited for by any number of threads and processes. To be put into `shared`.
class flag {
public:
    void raise() noexcept {
        word_.store(1);
        multiprocessing::platform::wait_word::wake_all(address());
    }
    [[nodiscard]] bool is_raised() const noexcept { return word_.load() != 0; }

    /// Throws when patience runs out.
    void wait() const {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (!is_raised()) {
            const auto now = std::chrono::steady_clock::now();
            if (now > until) {
                throw std::runtime_error("waited for a flag that nobody raised");
            }
            multiprocessing::platform::wait_word::wait(address(), 0, now + std::chrono::milliseconds(50));
        }
    }

private:
    const std::uint32_t* address() const noexcept { return reinterpret_cast<const std::uint32_t*>(&word_); }

    std::atomic<std::uint32_t> word_{0};
};

/// The letter for a process's state in /proc/PID/stat: R runs, S sleeps, Z is a zombie; 0 when there is no such process.
[[nodiscard]] inline char state_of(::pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::size_t at = text.rfind(')');
    return at == std::string::npos || at + 2 >= text.size() ? '\0' : text[at + 2];
}

/// Sets the soft limit of a resource for this process, a child of the test's.
template <class Resource>
void limit(Resource resource, ::rlim_t to) {
    // The sanitizers need a descriptor to look at the class of an object for the first time: here at those that errors are made of.
    for (const std::error_code& each : {std::error_code(EMFILE, std::system_category()), std::make_error_code(std::errc::bad_file_descriptor)}) {
        static_cast<void>(std::system_error(each, "").code() == std::errc::permission_denied);
    }
    ::rlimit now{};
    ::getrlimit(resource, &now);
    now.rlim_cur = to;
    if (::setrlimit(resource, &now) != 0) {
        throw std::system_error(errno, std::generic_category(), "setrlimit");
    }
}

using ::sanitized;

} // namespace support
