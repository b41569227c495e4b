// RLIMIT_FSIZE (`ulimit -f`), which bounds shared memory, too: what does not fit is an exception that names the limit, and not the end of the process by
// SIGXFSZ. The signal's handler, the mask and what was pending stay as they are.
//
// Taken out once, to see it fail: grow_file's mask (the process ends by SIGXFSZ, with a handler that is called), its sigtimedwait (the same, when the mask is
// given back), its look at what waited before ("the signal that waited"), at each of its callers, and the words of throw_not_grown.
#include "support/catch.hpp"
#include "support/names.hpp"
#include "support/run.hpp"
#include "support/seccomp.hpp"
#include "support/small_shm.hpp"

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/posix/handed_over_list.hpp>
#include <multiprocessing/process.hpp>
#include <multiprocessing/shared_memory.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/synchronize.hpp>

#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>

namespace mp = multiprocessing;
using support::expect;

namespace {

volatile std::sig_atomic_t size_signals = 0;

void count_size_signal(int) { size_signals = size_signals + 1; }

bool waits_for_size_signal() {
    ::sigset_t waiting;
    ::sigpending(&waiting);
    return ::sigismember(&waiting, SIGXFSZ) == 1;
}

template <class Call>
void expect_too_large(Call call, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    try {
        call();
        expect(false, "it was refused", file, line);
    } catch (const std::system_error& error) {
        expect(error.code() == std::errc::file_too_large, error.what(), file, line);
        expect(std::string(error.what()).find("RLIMIT_FSIZE: raise it") != std::string::npos, error.what(), file, line);
    }
    ::sigset_t mask;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    struct ::sigaction now {};
    ::sigaction(SIGXFSZ, nullptr, &now);
    expect(::sigismember(&mask, SIGXFSZ) == 0 && !waits_for_size_signal(), "the mask is as it was, and nothing waits", file, line);
    expect(now.sa_handler == &count_size_signal && size_signals == 0, "the handler is as it was, and was not called", file, line);
}

template <class Body>
void require_in_child(bool has_memfds, Body body) {
    const int code = support::run_child([&] {
        if (!has_memfds && !support::refuse_from_now_on({"memfd_create", SYS_memfd_create}, ENOSYS)) {
            return support::not_permitted;
        }
        std::signal(SIGXFSZ, count_size_signal);
        body();
        return 0;
    });
    if (code == support::not_permitted) {
        WARN("not tested: without memfds, because filters are not permitted here");
    } else {
        REQUIRE(code == 0);
    }
}

} // namespace

TEST_CASE("memory above the limit of a file's size is refused with words") {
    const bool has_memfds = GENERATE(true, false);
    CAPTURE(has_memfds);
    SECTION("all of it, from the first object of a process on, which works when the limit has been raised") {
        require_in_child(has_memfds, [] {
            ::rlimit before{};
            ::getrlimit(RLIMIT_FSIZE, &before);
            support::limit(RLIMIT_FSIZE, 0);
            expect_too_large([] { const mp::SharedValue<int> value(1); });
            expect_too_large([] { const mp::RawArray<char> array(10); });
            expect_too_large([] { const mp::Lock lock; });
            expect_too_large([] { const mp::SharedValue<int> value(mp::create_only, "above-the-limit", 1); });
            expect_too_large([] { static_cast<void>(mp::spawn<[] {}>()); });
            expect_too_large([] { const mp::SharedMemory memory(mp::create_only, 100); });
            support::limit(RLIMIT_FSIZE, before.rlim_cur);
            const mp::SharedValue<int> value(1);
            auto child = mp::spawn<[](const mp::SharedValue<int>& theirs) { theirs += 1; }>(value);
            child.join();
            expect(child.exitcode() == 0 && value.value() == 2);
        });
    }
    SECTION("what is larger, while smaller objects are made") {
        require_in_child(has_memfds, [] {
            support::limit(RLIMIT_FSIZE, 4 << 20);
            const mp::SharedArray<char> small(1 << 20);
            expect_too_large([] { const mp::SharedArray<char> large(8 << 20); });
            small[-1] = 'x';
            expect(small[-1].value() == 'x');
            const support::unused_object name;
            expect_too_large([&] { const mp::SharedArray<char> large(mp::create_only, name, 8 << 20); });
            expect(!mp::unlink(name));
        });
    }
    SECTION("a spawned child's list") {
        require_in_child(has_memfds, [] {
            const mp::platform::owned_handle any(::open("/dev/null", O_RDONLY | O_CLOEXEC));
            for (const ::rlim_t limit : {::rlim_t{0}, ::rlim_t{40}}) { // 40 bytes are written, and no signal comes
                support::limit(RLIMIT_FSIZE, limit);
                expect_too_large([&] { static_cast<void>(mp::platform::posix::handed_over_list::write(std::vector<int>{any.get(), any.get()})); });
            }
        });
    }
    SECTION("a manager's register, and what has no place in it has no name") {
        require_in_child(has_memfds, [] {
            mp::SharedMemoryManager manager;
            manager.start();
            support::limit(RLIMIT_FSIZE, 4096);
            std::vector<mp::SharedMemory> kept;
            for (int i = 0; i < 8; ++i) {
                kept.push_back(manager.SharedMemory(100));
            }
            expect_too_large([&] { static_cast<void>(manager.SharedMemory(100)); });
            manager.shutdown();
        });
    }
}

TEST_CASE("a SIGXFSZ that waited before stays") {
    require_in_child(true, [] {
        ::sigset_t too_large;
        ::sigemptyset(&too_large);
        ::sigaddset(&too_large, SIGXFSZ);
        ::pthread_sigmask(SIG_BLOCK, &too_large, nullptr);
        support::limit(RLIMIT_FSIZE, 0);
        for (const bool waited : {false, true}) {
            if (waited) {
                ::raise(SIGXFSZ);
            }
            try {
                const mp::SharedValue<int> value(1);
                expect(false, "it was refused");
            } catch (const std::system_error&) { // as above
            }
            expect(waits_for_size_signal() == waited, "the signal that waited");
        }
        ::pthread_sigmask(SIG_UNBLOCK, &too_large, nullptr);
        expect(size_signals == 1);
    });
}

TEST_CASE("a program that ignores SIGXFSZ is told the same") {
    require_in_child(true, [] {
        std::signal(SIGXFSZ, SIG_IGN);
        support::limit(RLIMIT_FSIZE, 0);
        try {
            const mp::SharedValue<int> value(1);
            expect(false, "it was refused");
        } catch (const std::system_error& error) {
            expect(error.code() == std::errc::file_too_large, error.what());
        }
    });
}
