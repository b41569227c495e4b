#pragma once

#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/fork_depth.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/posix/child.hpp>
#include <multiprocessing/platform/posix/grow_file.hpp>
#include <multiprocessing/platform/posix/named_memory.hpp>
#include <multiprocessing/platform/posix/unnamed_file.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace multiprocessing::platform::posix {

/// A child process, the *server*, that waits for the end of its parent and then removes what stands in the *register*: a file without a
/// name, to which the parent appends a record for each piece of memory **before it has its name**.
///
/// Invariant: whatever has a name that was given here stands in the register, from before it had the name.
/// Interruptions, of the parent:
/// * before the record is written, or after it and before the name is given: the memory is gone with the parent; the server finds nothing
///   of that name, or somebody else's memory, which it knows by the file's number and leaves alone.
/// * after the name is given: it is in the register. The server looks there when no thread of the parent lives, so no record and no name comes later.
/// * in `finish`, which removes everything itself and then ends the server: the server removes the rest, or it is gone and there is none.
/// Of the server: `finish` does not need it.
///
/// The server only polls, reads and unlinks: it may be the child of a process with threads, of which any may have held any lock. It has
/// every signal blocked, no descriptor but its three, and the folder "/".
class segment_keeper {
public:
    segment_keeper() : register_(make_register()), server_(std::make_unique<child>()) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) {
            throw_os_error(last_os_error(), "pipe2", "a keeper of shared memory");
        }
        const owned_handle watching(ends[0]);
        alive_.reset(ends[1]);
        if (!watching || !alive_) {
            throw_os_error(EMFILE, "fcntl(F_DUPFD_CLOEXEC)", "a keeper of shared memory");
        }
        // Opened here and not by the server, which may come too late: then the number would be nobody's, or another's.
        const ::pid_t me = ::getpid();
        const owned_handle life(static_cast<int>(::syscall(SYS_pidfd_open, me, 0)));
        ::sigset_t all;
        ::sigset_t before;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before); // so that none arrives in the child while it still has our handlers
        const ::pid_t pid = ::fork();
        if (pid == 0) {
            serve(watching.get(), register_.get(), life.get(), me);
        }
        const int code = last_os_error();
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        if (pid < 0) {
            throw_os_error(code, "fork", "a keeper of shared memory");
        }
        server_->adopt(pid);
    }
    segment_keeper(const segment_keeper&) = delete;
    segment_keeper& operator=(const segment_keeper&) = delete;
    ~segment_keeper() { finish(); }

    template <class Fill>
    [[nodiscard]] std::optional<named_memory> create(const std::string& name, std::size_t bytes, std::uint32_t mode, Fill&& fill) {
        const std::lock_guard guard(mutex_);
        if (!alive_ || server_->exit_status()) {
            throw std::system_error(std::make_error_code(std::errc::broken_pipe), "create, shared memory \"" + multiprocessing::detail::escaped(name) + "\" with a keeper, which is gone");
        }
        return named_memory::create(name, bytes, mode, std::forward<Fill>(fill), [&](int file) { write_record(file, name); });
    }

    void finish() noexcept {
        if (!is_of_this_process()) { // first: the mutex is as another thread of the parent had it at the fork
            return;
        }
        const std::lock_guard guard(mutex_);
        if (!alive_) {
            return;
        }
        if (register_.is_whole()) {
            clear(register_.get());
        }
        try {
            server_->kill();
            static_cast<void>(server_->wait_until(no_deadline));
        } catch (const std::system_error&) { // somebody else waited for it
        }
        alive_.reset();
    }

    [[nodiscard]] bool is_of_this_process() const noexcept { return owner_ == fork_depth::current(); }

private:
    /// One piece of memory: its name, and which file it was, for the name may be another's by then.
    struct record {
        std::uint64_t device;
        std::uint64_t file;
        std::array<char, 256> name; // with its NUL
        std::array<char, 240> unused;
    };
    static_assert(sizeof(record) == 512, "a record does not cross a page, so that it is written whole or not at all");

    [[nodiscard]] static owned_handle make_register() {
        owned_handle file = unnamed_file::make("multiprocessing-keeper", [] { return "a keeper of shared memory"; }).handle;
        if (::fcntl(file.get(), F_SETFL, O_APPEND) != 0) {
            throw_os_error(last_os_error(), "fcntl(F_SETFL)", "a keeper of shared memory");
        }
        return file;
    }

    void write_record(int file, const std::string& name) const {
        if (!register_.is_whole()) {
            throw_os_error(EBADF, "write", "the register of a keeper of shared memory, whose descriptor this program has closed; it did not open it");
        }
        struct ::stat about{};
        if (::fstat(file, &about) != 0) {
            throw_os_error(last_os_error(), "fstat", "shared memory \"" + multiprocessing::detail::escaped(name) + "\"");
        }
        record one{};
        one.device = about.st_dev;
        one.file = about.st_ino;
        name.copy(one.name.data(), one.name.size() - 1);
        const int code = grow_file([&] {
            ::ssize_t written = 0;
            do {
                written = ::write(register_.get(), &one, sizeof(one));
            } while (written < 0 && errno == EINTR);
            return written == sizeof(one) ? 0 : written < 0 ? last_os_error() : ENOSPC;
        });
        if (code != 0) {
            const ::off_t end = ::lseek(register_.get(), 0, SEEK_END);
            throw_not_grown(code, "write", "the register of a keeper of shared memory", end + ::off_t{sizeof(one)});
        }
    }

    // What follows runs in the server: nothing that takes a lock, or memory.

    [[noreturn]] static void serve(int watching, int records, int life, ::pid_t parent) noexcept {
        close_others({watching, records, life});
        static_cast<void>(::chdir("/"));
        // The end of the parent: of all its threads by the pidfd, whoever else has the pipe; of the program it ran (exec) by the pipe. Without a
        // pidfd (before Linux 5.3), by its number, looked at now and then; it is 0 when the parent is in another namespace, and for ever.
        ::pollfd ask[2] = {{watching, POLLIN, 0}, {life, POLLIN, 0}}; // poll ignores what is negative
        while (::poll(ask, 2, life < 0 ? 50 : -1) <= 0 && (life >= 0 || ::getppid() == parent || ::getppid() == 0)) {
        }
        clear(records);
        ::_exit(0);
    }

    static void close_others(std::array<int, 3> keep) noexcept {
        std::sort(keep.begin(), keep.end());
        unsigned first = 0;
        for (const int each : keep) {
            if (each >= 0) {
                close_from_to(first, static_cast<unsigned>(each));
                first = static_cast<unsigned>(each) + 1;
            }
        }
        close_from_to(first, ~0u);
    }

    static void close_from_to(unsigned first, unsigned end) noexcept {
        if (first < end && ::syscall(SYS_close_range, first, end - 1, 0) != 0) { // before Linux 5.9
            for (unsigned each = first; each < end && each < 65536; ++each) {
                ::close(static_cast<int>(each));
            }
        }
    }

    static void clear(int records) noexcept {
        record one;
        for (::off_t at = 0; ::pread(records, &one, sizeof(one), at) == sizeof(one); at += ::off_t{sizeof(one)}) {
            named_memory::unlink_if(one.name.data(), one.device, one.file);
        }
    }

    std::uint64_t owner_ = fork_depth::current();
    owned_handle register_;
    owned_handle alive_; // an end of the pipe that the server watches; none: finished
    std::unique_ptr<child> server_;
    std::mutex mutex_;
};

} // namespace multiprocessing::platform::posix
