// Taken out once, and what failed: the mutex around try_lock: "what closes it meanwhile waits"; the mutex while a descriptor is closed (given back between the
// look at the list and the close): "whatever other threads close"; the fork hook: "a child closes what it likes"; take_back: "takes no descriptor more"; the question whose a descriptor
// is by now (list::is_of): "closed itself"; that signals wait while the mutex is held: "in a signal's handler".
#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/names.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/access.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/platform/posix/kept_files.hpp>

#include <atomic>
#include <csignal>
#include <cstddef>
#include <string>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace platform = multiprocessing::platform;
using platform::named_memory;
using platform::posix::kept_files;

namespace {

/// A file of this test's own, of which the process may have a record lock.
struct file_with_lock {
    support::unused_name name;
    std::string path = "/dev/shm/" + name.text();
    int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct ::stat about {};

    file_with_lock() { REQUIRE(::fstat(file, &about) == 0); }
    file_with_lock(const file_with_lock&) = delete;
    file_with_lock& operator=(const file_with_lock&) = delete;
    ~file_with_lock() { ::close(file); }

    [[nodiscard]] platform::native_handle open_again() const { return ::open(path.c_str(), O_RDWR | O_CLOEXEC); }

    [[nodiscard]] bool set(short type) const {
        struct ::flock lock {};
        lock.l_type = type;
        lock.l_whence = SEEK_SET;
        return ::fcntl(file, F_SETLK, &lock) == 0;
    }
    void take() const {
        REQUIRE(kept_files::lock(about.st_dev, about.st_ino, [this] { return set(F_WRLCK); }));
    }
    void give_back() const {
        REQUIRE(set(F_UNLCK));
        kept_files::remove(about.st_dev, about.st_ino);
    }
    /// As another open file description sees it.
    [[nodiscard]] bool is_locked() const {
        struct ::flock lock {};
        lock.l_type = F_WRLCK;
        lock.l_whence = SEEK_SET;
        REQUIRE(::fcntl(file, F_OFD_GETLK, &lock) == 0);
        return lock.l_type != F_UNLCK;
    }
};

} // namespace

TEST_CASE("kept_files: what closes a descriptor of the file while its lock is taken waits, and leaves the lock") {
    const file_with_lock one;
    const platform::native_handle other = one.open_again();
    std::atomic<int> thread_number{0};
    std::atomic<bool> closed{false};
    std::thread closing;
    REQUIRE(kept_files::lock(one.about.st_dev, one.about.st_ino, [&] {
        const bool taken = one.set(F_WRLCK);
        closing = std::thread([&] {
            thread_number = ::gettid();
            platform::close_native_handle(other);
            closed = true;
        });
        const bool waits = support::eventually([&] {
            return closed || (thread_number != 0 && support::state_of(thread_number) == 'S');
        });
        return taken && waits;
    }));
    closing.join();
    REQUIRE(one.is_locked());
    REQUIRE(::fcntl(other, F_GETFD) != -1); // it was put aside
    one.give_back();
    REQUIRE_FALSE(one.is_locked());
    REQUIRE(::fcntl(other, F_GETFD) == -1);
}

TEST_CASE("kept_files: a lock is kept whatever other threads close meanwhile") {
    const file_with_lock one;
    std::atomic<bool> enough{false};
    std::thread closing([&] {
        while (!enough) {
            platform::close_native_handle(one.open_again());
        }
    });
    int lost = 0;
    for (int round = 0; round < 5'000 && lost == 0; ++round) {
        one.take();
        std::this_thread::yield();
        lost += one.is_locked() ? 0 : 1;
        one.give_back();
    }
    enough = true;
    closing.join();
    REQUIRE(lost == 0);
}

TEST_CASE("kept_files: a child closes what it likes, whatever its parent's threads were closing") {
    const file_with_lock one;
    std::atomic<bool> enough{false};
    std::thread closing([&] {
        while (!enough) {
            platform::close_native_handle(one.open_again());
        }
    });
    int code = 0;
    for (int round = 0; round < 100 && code == 0; ++round) {
        code = support::run_child([&] { platform::close_native_handle(one.open_again()); });
    }
    enough = true;
    closing.join();
    REQUIRE(code == 0);
}

TEST_CASE("kept_files: what the program has closed itself, and used the number of again, is neither given out nor closed") {
    const file_with_lock one;
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    one.take();
    const platform::native_handle other = one.open_again();
    platform::close_native_handle(other); // it is put aside
    SECTION("by who opens the file") {
        ::dup2(null, other);
        REQUIRE(kept_files::take_back(one.path.c_str(), O_RDWR) == -1);
    }
    SECTION("by who gives the lock back") { ::dup2(null, other); }
    kept_files::remove(one.about.st_dev, one.about.st_ino);
    struct ::stat about {};
    REQUIRE(::fstat(other, &about) == 0);
    REQUIRE(S_ISCHR(about.st_mode));
    ::close(other);
    ::close(null);
}

TEST_CASE("kept_files: a fork in a signal's handler, while the thread closes descriptors") {
    static volatile std::sig_atomic_t forks = 0;
    REQUIRE(support::run_child([] {
                struct ::sigaction action {};
                action.sa_handler = [](int) {
                    const ::pid_t child = ::fork();
                    if (child == 0) {
                        ::_exit(0);
                    }
                    ::waitpid(child, nullptr, 0);
                    forks = forks + 1;
                };
                ::sigaction(SIGVTALRM, &action, nullptr);
                const ::itimerval often{{0, 1'000}, {0, 1'000}};
                ::setitimer(ITIMER_VIRTUAL, &often, nullptr);
                while (forks < 100) {
                    platform::close_native_handle(::open("/dev/null", O_RDWR | O_CLOEXEC));
                }
            }) == 0);
}

TEST_CASE("kept_files: opening locked memory again and again takes no descriptor more") {
    const support::unused_name unused;
    const std::string& name = unused.text();
    const auto made = named_memory::create(name, 4096, 0600);
    REQUIRE(made);
    struct ::stat about {};
    REQUIRE(::fstat(made->handle(), &about) == 0);
    REQUIRE(kept_files::lock(about.st_dev, about.st_ino, [] { return true; }));
    const auto open_both = [&] {
        const auto reader = named_memory::open(name, platform::access::read_only);
        const auto writer = named_memory::open(name, platform::access::read_write);
        REQUIRE(reader);
        REQUIRE(writer);
        REQUIRE((::fcntl(reader->handle(), F_GETFL) & O_ACCMODE) == O_RDONLY);
        REQUIRE((::fcntl(writer->handle(), F_GETFL) & O_ACCMODE) == O_RDWR);
    };
    const std::size_t before = support::open_descriptors();
    open_both();
    REQUIRE(support::open_descriptors() == before + 2); // put aside
    for (int more = 0; more < 10; ++more) {
        open_both();
    }
    REQUIRE(support::open_descriptors() == before + 2);
    // Nobody opens by one what he may not open.
    if (::geteuid() == 0) {
        REQUIRE(support::run_child([&] {
                    support::expect(::seteuid(65'534) == 0);
                    try {
                        static_cast<void>(named_memory::open(name, platform::access::read_only));
                        support::expect(false, "it was refused");
                    } catch (const std::system_error& error) {
                        support::expect(error.code() == std::errc::permission_denied, error.what());
                    }
                }) == 0);
    }
    kept_files::remove(about.st_dev, about.st_ino);
    REQUIRE(support::open_descriptors() == before);
}
