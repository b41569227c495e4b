// A daemon ends with its parent, and not before: wherever its parent's number means something else, and whatever it does to its descriptors.
//
// Taken out, and this file failed: the handle that a child is given of its parent (a daemon in another PID namespace ends at once), the question who is
// parent (what is closed is taken for its end), the thread's own table of descriptors (what the daemon opens is taken for the parent's end) and that nothing
// else is in it (a pipe is not at its end), its mask of signals (a handler runs in it).
#include <multiprocessing/platform/process_watch.hpp>
#include <multiprocessing/process/current_process.hpp>
#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <limits>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <support/catch.hpp>
#include <support/deaths.hpp>
#include <support/run.hpp>
#include <support/small_shm.hpp>
#include <support/start.hpp>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace mp = multiprocessing;
namespace platform = mp::platform;
using support::must;
using support::start;
using namespace std::chrono_literals;

namespace {

/// Whoever asks for the daemon's lock learns whether the daemon lives.
struct daemon_scene {
    const mp::RLock lock;
    const support::signal_flag begun{0};
    const support::signal_flag was_stopped{0};
};

/// In the parent: the daemon is stopped and goes on, so that its threads ask the kernel anew what they slept on; then the parent stays alive.
int keep_parent(const mp::Process& daemon, const daemon_scene& scene) {
    support::await(scene.begun);
    const auto pid = static_cast<::pid_t>(daemon.pid());
    ::kill(pid, SIGSTOP);
    support::expect(support::eventually([&] { return support::state_of(pid) == 'T'; }));
    ::kill(pid, SIGCONT);
    support::raise(scene.was_stopped);
    support::stay_alive();
    return support::failed;
}

/// The daemon has the lock while its parent lives, and longer than it would need to end wrongly.
void require_to_end_with(support::child_process& parent, const daemon_scene& scene) {
    CHECK_FALSE(scene.lock.try_lock_for(200ms));
    CHECK(support::state_of(parent.pid()) != 'Z');
    parent.send(SIGKILL);
    CHECK(scene.lock.try_lock_for(support::patience));
    CHECK(scene.lock.owner_died());
    CHECK(parent.wait() == -SIGKILL);
}

/// Calls `make(method)` in a child, which then lives until it is killed, or ends with what `make` returns.
template <class Make>
void require_daemon(Make make) {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    const daemon_scene scene;
    support::child_process parent([&] { return make(method, scene); });
    if (!support::eventually([&] { return support::is_raised(scene.was_stopped) || support::state_of(parent.pid()) == 'Z'; }) ||
        !support::is_raised(scene.was_stopped)) {
        REQUIRE(parent.wait() == support::not_permitted);
        WARN("not tested: PID namespaces need more rights than this process has");
        return;
    }
    require_to_end_with(parent, scene);
}

void keep(const mp::RLock& lock, const support::signal_flag& begun) {
    must(mp::parent_process()->is_alive());
    lock.lock();
    support::raise(begun);
    support::stay_alive();
}

std::atomic<int> handled_in_a_daemon{0};

/// What a program does that makes a daemon of itself, and then opens files of its own, which are readable.
void close_and_open_descriptors() {
    support::detail::close_everything();
    for (int i = 3; i < 50; ++i) {
        ::open("/dev/zero", O_RDONLY);
    }
}

bool has_no_answer() {
    try {
        static_cast<void>(mp::parent_process()->is_alive());
        return false;
    } catch (const std::system_error& error) {
        return error.code() == std::errc::bad_file_descriptor;
    }
}

void keep_with_other_descriptors(support::start_method by, const mp::RLock& lock, const support::signal_flag& begun) {
    std::signal(SIGUSR1, [](int) { ++handled_in_a_daemon; });
    ::sigset_t usr1;
    ::sigemptyset(&usr1);
    ::sigaddset(&usr1, SIGUSR1);
    ::pthread_sigmask(SIG_BLOCK, &usr1, nullptr); // from here on, the signal is for any other thread that would take it
    lock.lock();
    close_and_open_descriptors();
    for (int i = 0; i < 20; ++i) {
        ::kill(::getpid(), SIGUSR1);
        std::this_thread::sleep_for(1ms); // it may be handled, which must not be
    }
    must(handled_in_a_daemon == 0 || by == support::start_method::spawn, // which has a thread of the tests'
         "a handler of the program's ran in a thread of the library's");
    if (::getppid() != 0) {
        must(mp::parent_process()->is_alive());
        must(!mp::parent_process()->join_for(20ms));
    } else { // in another PID namespace, where the number says nothing, and no descriptor is left
        must(has_no_answer());
    }
    support::raise(begun);
    support::stay_alive();
}

} // namespace

TEST_CASE("a daemon in another PID namespace ends with its parent, by every start method") {
    require_daemon([](support::start_method by, const daemon_scene& scene) {
        if (::unshare(CLONE_NEWPID) != 0) {
            return support::not_permitted;
        }
        const auto daemon = start<&keep>(by, {.daemon = true}, scene.lock, scene.begun);
        return keep_parent(daemon, scene);
    });
}

TEST_CASE("a daemon that closes its descriptors, and opens others, ends with its parent, by every start method") {
    const bool is_elsewhere = GENERATE(false, true); // in another PID namespace
    CAPTURE(is_elsewhere);
    require_daemon([is_elsewhere](support::start_method by, const daemon_scene& scene) {
        if (is_elsewhere && ::unshare(CLONE_NEWPID) != 0) {
            return support::not_permitted;
        }
        const auto daemon = start<&keep_with_other_descriptors>(by, {.daemon = true}, by, scene.lock, scene.begun);
        return keep_parent(daemon, scene);
    });
}

TEST_CASE("a thread of the library's keeps nothing open that a daemon closes") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const auto daemon = mp::fork({.daemon = true}, [&] {
        ::close(ends[0]);
        ::close(ends[1]);
        support::stay_alive();
    });
    ::close(ends[1]);
    ::alarm(static_cast<unsigned>(support::patience.count()));
    char byte = 0;
    const auto got = ::read(ends[0], &byte, 1);
    ::alarm(0);
    REQUIRE(got == 0);
    REQUIRE(daemon.is_alive());
    ::close(ends[0]);
}

TEST_CASE("parent_process() tells of the parent's end when all descriptors are closed") {
    const bool is_quiet = GENERATE(false, true); // where the descriptor was, there is nothing to read
    CAPTURE(is_quiet);
    const support::signal_flag begun(0);
    const support::signal_flag seen(0);
    support::child_process parent([&] {
        const auto child = mp::fork([&] {
            close_and_open_descriptors();
            if (is_quiet) {
                support::detail::close_everything();
                for (int ends[2], i = 0; i < 20; ++i) {
                    must(::pipe2(ends, O_CLOEXEC) == 0);
                }
            }
            must(mp::parent_process()->is_alive());
            support::raise(begun);
            mp::parent_process()->join();
            must(!mp::parent_process()->is_alive());
            support::raise(seen);
        });
        support::stay_alive();
    });
    support::await(begun);
    REQUIRE_FALSE(support::is_raised(seen));
    parent.send(SIGKILL);
    REQUIRE(support::soon([&] { return support::is_raised(seen); }));
}

TEST_CASE("a watch by a handle is of the process itself, whatever process has its number") {
    const auto now = platform::clock::now();
    REQUIRE_FALSE(platform::process_watch(std::numeric_limits<int>::max(), platform::watchable_self()).wait_until(now));

    const auto child = mp::fork(support::stay_alive);
    platform::owned_handle itself(::fcntl(child.sentinel(), F_DUPFD_CLOEXEC, 0));
    const platform::process_watch watch(::getpid(), std::move(itself));
    REQUIRE_FALSE(watch.wait_until(now));
    child.kill();
    child.join();
    REQUIRE(watch.wait_until(now));
}
