// Sandboxes: a system that refuses a call, as seccomp filters of containers, gVisor, qemu-user and old kernels do. Each call that the library can do
// without is refused to a program from its start; all that is done here works then.
//
// Each fails with that call when what stands in for it is taken out; but for close_range, clone3 and renameat2, whose stand-ins are older than this test.
#include "support/catch.hpp"
#include "support/names.hpp"
#include "support/run.hpp"
#include "support/seccomp.hpp"
#include "support/small_shm.hpp"
#include "support/users.hpp"

#include <multiprocessing/process.hpp>
#include <multiprocessing/shared_memory.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/synchronize.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;
using support::expect;

namespace {

const std::array filtered_calls{
    support::filtered_call{"memfd_create", SYS_memfd_create},
    support::filtered_call{"pidfd_open", SYS_pidfd_open},
    support::filtered_call{"pidfd_send_signal", SYS_pidfd_send_signal},
    support::filtered_call{"waitid of a pidfd", SYS_waitid, 0, 3, 3},
    support::filtered_call{"close_range", SYS_close_range},
    support::filtered_call{"clone3", SYS_clone3},
    support::filtered_call{"locks of open files", SYS_fcntl, 1, F_OFD_GETLK, F_OFD_SETLKW},
    support::filtered_call{"MADV_DONTFORK", SYS_madvise, 2, MADV_DONTFORK, MADV_DONTFORK},
    support::filtered_call{"renameat2", SYS_renameat2},
};

void add_to_both(const mp::SharedValue<int>& value, const mp::SharedArray<double>& array) {
    value += 1;
    array[-1] += 1;
}

/// The lock's owner is killed, and another one has it.
template <class Lock>
void require_recovery(const Lock& lock) {
    const mp::Event has_it;
    auto owner = mp::fork([&] {
        lock.lock();
        has_it.set();
        ::pause();
    });
    expect(has_it.wait_for(support::patience));
    expect(!lock.try_lock(), "the owner lives");
    owner.kill();
    owner.join();
    expect(owner.exitcode() == -SIGKILL);
    expect(lock.try_lock_for(support::patience), "had after a death");
    lock.unlock();
}

void use_everything() {
    const mp::SharedValue<int> value(0);
    const mp::SharedArray<double> array(10'000);
    auto forked = mp::fork([&] {
        expect(mp::parent_process()->is_alive());
        add_to_both(value, array);
    });
    auto spawned = mp::spawn<&add_to_both>(value, array);
    auto daemon = mp::fork({.daemon = true}, [&] { add_to_both(value, array); });
    for (auto* const each : {&forked, &spawned, &daemon}) {
        each->join();
        expect(each->exitcode() == 0);
    }
    expect(value.value() == 3 && array[-1].value() == 3);

    auto sleeper = mp::fork([] { ::pause(); });
    expect(sleeper.is_alive() && !sleeper.join_for(1ms));
    ::pollfd ask{sleeper.sentinel(), POLLIN, 0};
    expect(::poll(&ask, 1, 0) == 0);
    expect(mp::wait({&sleeper}, 1ms).empty());
    sleeper.terminate();
    expect(::poll(&ask, 1, static_cast<int>(std::chrono::milliseconds(support::patience).count())) == 1 && (ask.revents & POLLIN) != 0);
    expect(mp::wait({&sleeper}, support::patience).size() == 1);
    sleeper.join();
    expect(sleeper.exitcode() == -SIGTERM);

    require_recovery(mp::RLock());
    const support::unused_object name;
    require_recovery(mp::RLock(mp::create_only, name)); // in the user's table
    expect(mp::unlink(name));
    require_recovery(mp::RLock(mp::create_only, mp::object_name(name.text()).mode(0660))); // in one of its own
    expect(mp::unlink(name));

    mp::SharedMemoryManager manager;
    manager.start();
    const auto memory = manager.SharedMemory(100);
    manager.shutdown();
}

} // namespace

TEST_CASE("a system that refuses a call that is not needed") {
    const support::filtered_call call = GENERATE(from_range(filtered_calls));
    const int error = GENERATE(ENOSYS, EPERM);
    CAPTURE(call.name, error);
    if (call.number == SYS_clone3 && error == EPERM) {
        return; // glibc itself does without it when there is none, and not when it is forbidden
    }
    const int code = support::run_child([&] {
        if (!support::refuse_from_now_on(call, error)) {
            return support::not_permitted;
        }
        use_everything();
        return 0;
    });
    if (code == support::not_permitted) {
        WARN("not tested: refused system calls, because filters are not permitted here");
    } else {
        REQUIRE(code == 0);
    }
}

TEST_CASE("without /proc, as in a chroot, objects and forked children are as ever, and an object gets its name if the system lets it") {
    const bool privileged = GENERATE(true, false);
    const int code = support::run_child([&] {
        if (!support::mount_small_shm("4m") || ::mount("none", "/proc", "tmpfs", 0, nullptr) != 0 || (!privileged && !support::become(support::nobody))) {
            return support::not_permitted;
        }
        const mp::SharedValue<int> value(0);
        auto child = mp::fork([&] { value += 1; });
        child.join();
        expect(child.exitcode() == 0 && value.value() == 1);
        require_recovery(value.get_lock());
        try {
            const mp::SharedValue<int> named(mp::create_only, "without-proc", 1);
            expect(mp::SharedValue<int>(mp::open_only, "without-proc").value() == 1);
        } catch (const std::system_error& error) { // it needs a privilege before Linux 6.10
            expect(!privileged);
            expect(std::string(error.what()).find("which needs /proc, and there is none here: mount it") != std::string::npos, error.what());
        }
        return 0;
    });
    if (code == support::not_permitted) {
        WARN("not tested: without /proc, because it is not permitted here");
    } else {
        REQUIRE(code == 0);
    }
}

TEST_CASE("without memfds memory is bounded by /dev/shm, and what does not fit is refused, not a fault later") {
    const int code = support::run_child([] {
        if (!support::mount_small_shm("8m") || !support::refuse_from_now_on(filtered_calls[0], ENOSYS)) {
            return support::not_permitted;
        }
        try {
            const mp::RawArray<char> array(100'000'000);
            expect(false, "it was refused");
        } catch (const std::system_error& error) {
            expect(error.code() == std::errc::no_space_on_device, error.what());
            expect(std::string(error.what()).find("in /dev/shm, for want of memfd_create, which this system refuses") != std::string::npos, error.what());
        }
        const mp::SharedArray<char> array(100'000);
        array[-1] = 'x';
        expect(array[-1].value() == 'x');
        // What was made once is reserved for good, also when others have filled the folder since.
        constexpr std::size_t size = 2'000'000;
        static_cast<void>(mp::RawArray<char>(size));
        const int others = ::open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        const std::string page(4096, 'x');
        while (::write(others, page.data(), page.size()) > 0) {
        }
        const mp::RawArray<char> again(size);
        for (std::size_t i = 0; i < size; ++i) {
            expect(again[i] == 0);
            again[i] = 'y';
        }
        return 0;
    });
    if (code == support::not_permitted) {
        WARN("not tested: memory without memfds, because filters or a /dev/shm of one's own are not permitted here");
    } else {
        REQUIRE(code == 0);
    }
}
