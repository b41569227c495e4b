// Memory with a name as POSIX shows it: files in /dev/shm. What holds on every system is in tests/conformance.
//
// Taken out once, and what failed: the reservation of pages (posix_fallocate; ftruncate in its place): pages are missing, "a full /dev/shm" is not refused.
// The name given before the memory is filled: "killed at every system call" found a name without the content. O_NOFOLLOW: "refuses what
// is no memory". fchmod: "has exactly the mode asked for". The
// mapping that cannot be written: "read-only: a store ends the process".
#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/names.hpp"
#include "support/run.hpp"
#include "support/sanitized.hpp"
#include "support/small_shm.hpp"
#include "support/stepper.hpp"

#include <multiprocessing/platform/named_memory.hpp>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

namespace platform = multiprocessing::platform;
using platform::named_memory;

namespace {

std::string path_of(const std::string& name) { return "/dev/shm/" + name; }

struct ::stat about(const std::string& name) {
    struct ::stat info {};
    REQUIRE(::stat(path_of(name).c_str(), &info) == 0);
    return info;
}

/// What a call is refused with; nothing when it is not refused, or its words do not say that.
template <class Call>
std::error_code refusal_of(Call call, const std::string& words) {
    try {
        call();
    } catch (const std::system_error& error) {
        if (std::string(error.what()).find(words) != std::string::npos) {
            return error.code();
        }
    }
    return {};
}

} // namespace

TEST_CASE("named_memory::create") {
    const support::unused_name name;
    const auto before = support::open_descriptors();

    SECTION("is the file that shm_open has, of exactly the size, with its pages reserved") {
        const auto memory = named_memory::create(name, 100'001, 0600);
        REQUIRE(about(name).st_size == 100'001);
        REQUIRE(support::bytes_of(memory->handle()) >= 100'001);
        const platform::owned_handle posix(::shm_open(("/" + name.text()).c_str(), O_RDWR, 0));
        REQUIRE(posix);
        REQUIRE(::pwrite(posix.get(), "x", 1, 100'000) == 1);
        REQUIRE(memory->data()[100'000] == std::byte{'x'});
        REQUIRE((::fcntl(memory->handle(), F_GETFD) & FD_CLOEXEC) != 0);
    }
    SECTION("has exactly the mode asked for, whatever the umask") {
        const ::mode_t old = ::umask(077);
        for (const std::uint32_t mode : {0600u, 0666u, 0640u, 0400u, 0u}) {
            const support::unused_name one;
            const auto memory = named_memory::create(one, 64, mode);
            REQUIRE((about(one).st_mode & 07777) == mode);
            REQUIRE(memory->mode() == mode);
        }
        ::umask(old);
    }
    SECTION("is not held up by a timer that goes off all the time") {
        REQUIRE(support::run_child([&] {
                    std::signal(SIGALRM, [](int) {});
                    std::signal(SIGPROF, [](int) {});
                    const ::itimerval often{{0, 200}, {0, 200}};
                    ::setitimer(ITIMER_REAL, &often, nullptr);
                    for (int i = 0; i < 20; ++i) {
                        const support::unused_name one;
                        const auto memory = named_memory::create(one, 8u << 20, 0600);
                        support::expect(memory.has_value() && support::bytes_of(memory->handle()) >= 8u << 20);
                    }
                    ::sigset_t mask;
                    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
                    support::expect(::sigismember(&mask, SIGALRM) == 0, "signals come again");
                }) == 0);
    }
    SECTION("says that a full /dev/shm is full, and the process lives") {
        const int code = support::run_child([&] {
            if (!support::mount_small_shm("256k")) {
                return support::not_permitted;
            }
            const auto first = named_memory::create(name, 200 * 1024, 0600);
            support::expect(first.has_value());
            std::memset(first->data(), 1, first->size());
            for (const std::size_t bytes : {std::size_t{100 * 1024}, std::size_t{1} << 30}) {
                const auto refused = [&] { static_cast<void>(named_memory::create("other", bytes, 0600)); };
                support::expect(refusal_of(refused, "\"other\" of " + std::to_string(bytes) + " bytes") ==
                                std::errc::no_space_on_device);
            }
            support::expect(support::names_in("/dev/shm").size() == 1);
            support::expect(named_memory::unlink(name));
            return 0;
        });
        if (code == support::not_permitted) {
            WARN("not tested: a full /dev/shm, because mounting one is not permitted here");
        } else {
            REQUIRE(code == 0);
        }
    }
    SECTION("says that there is no descriptor left, and leaves nothing") {
        const bool needs_none = sanitized; // the sanitizers need descriptors of their own to look at the error's class
        REQUIRE(support::run_child([&] {
                    if (needs_none) {
                        return;
                    }
                    support::limit(RLIMIT_NOFILE, 0);
                    const auto refused = [&] { static_cast<void>(named_memory::create(name, 64, 0600)); };
                    support::expect(refusal_of(refused, name) == std::errc::too_many_files_open);
                }) == 0);
        REQUIRE_FALSE(named_memory::exists(name));
    }
    SECTION("says that there is no room in the address space, and leaves nothing") {
        if (!sanitized) {
            REQUIRE(support::run_child([&] {
                        support::limit(RLIMIT_AS, 64u << 20);
                        const auto refused = [&] { static_cast<void>(named_memory::create(name, 100u << 20, 0600)); };
                        support::expect(refusal_of(refused, "map") == std::errc::not_enough_memory);
                    }) == 0);
            REQUIRE_FALSE(named_memory::exists(name));
        }
    }
    REQUIRE(support::open_descriptors() == before);
}

TEST_CASE("named_memory::open") {
    const support::unused_name name;
    const auto before = support::open_descriptors();

    SECTION("finds what anybody made with shm_open") {
        const platform::owned_handle posix(::shm_open(("/" + name.text()).c_str(), O_RDWR | O_CREAT | O_EXCL, 0640));
        REQUIRE(posix);
        REQUIRE_FALSE(named_memory::open(name, platform::access::read_write).has_value()); // it has no size yet
        REQUIRE(::ftruncate(posix.get(), 5) == 0);
        const auto memory = named_memory::open(name, platform::access::read_write);
        REQUIRE(memory->size() == 5);
        REQUIRE((memory->mode() & 0600) == 0600);
        memory->data()[4] = std::byte{7};
        char last = 0;
        REQUIRE(::pread(posix.get(), &last, 1, 4) == 1);
        REQUIRE(last == 7);
    }
    SECTION("says where it is") {
        REQUIRE(named_memory::place_of(name) == "/dev/shm/" + name.text());
    }
    SECTION("knows whose it is, by the memory and not by the name") {
        const auto made = named_memory::create(name, 64, 0600);
        REQUIRE(named_memory::open(name, platform::access::read_only)->is_of_this_user());
        if (::fchown(made->handle(), 12345, ::getegid()) == 0) {
            REQUIRE_FALSE(named_memory::open(name, platform::access::read_only)->is_of_this_user());
        } else {
            WARN("not tested: memory of another user, because giving a file away is not permitted here");
        }
    }
    SECTION("read-only: a store ends the process, and the file need not be writable") {
        const auto made = named_memory::create(name, 64, 0400);
        REQUIRE(support::run_child([&] {
                    std::signal(SIGSEGV, SIG_DFL);
                    const auto memory = named_memory::open(name, platform::access::read_only);
                    support::expect(memory->data()[0] == std::byte{0});
                    const_cast<volatile std::byte&>(memory->data()[0]) = std::byte{1};
                }) == -SIGSEGV);
        REQUIRE(made->data()[0] == std::byte{0});
    }
    SECTION("refuses what is no memory") {
        const auto open = [&] { static_cast<void>(named_memory::open(name, platform::access::read_only)); };
        REQUIRE(::symlink("/etc/passwd", path_of(name).c_str()) == 0);
        REQUIRE(refusal_of(open, name) == std::errc::too_many_symbolic_link_levels);
        REQUIRE_FALSE(named_memory::exists(name));
        REQUIRE(named_memory::unlink(name));
        REQUIRE(::mkfifo(path_of(name).c_str(), 0600) == 0);
        REQUIRE(refusal_of(open, name) == std::errc::invalid_argument);
        REQUIRE_FALSE(named_memory::exists(name));
        REQUIRE(named_memory::unlink(name));
        REQUIRE(::mkdir(path_of(name).c_str(), 0700) == 0);
        REQUIRE(refusal_of(open, name) == std::errc::invalid_argument);
        REQUIRE(::rmdir(path_of(name).c_str()) == 0);
    }
    SECTION("that fails for want of room leaves what is there") { // CPython's gh-153279 removes it
        const auto made = named_memory::create(name, 100u << 20, 0600);
        if (!sanitized) {
            REQUIRE(support::run_child([&] {
                        support::limit(RLIMIT_AS, 150u << 20);
                        const auto open = [&] { static_cast<void>(named_memory::open(name, platform::access::read_write)); };
                        support::expect(refusal_of(open, "map") == std::errc::not_enough_memory);
                    }) == 0);
        }
        REQUIRE(named_memory::exists(name));
    }
    REQUIRE(support::open_descriptors() == before);
}

TEST_CASE("named_memory::unlink") {
    const support::unused_name name;
    const auto memory = named_memory::create(name, 64, 0600);
    REQUIRE(named_memory::unlink(name));
    REQUIRE_FALSE(named_memory::unlink(name));
    REQUIRE_FALSE(named_memory::exists(name));
    memory->data()[63] = std::byte{1}; // those who have it keep it
    REQUIRE(named_memory::create(name, 128, 0600).has_value());
    REQUIRE(memory->data()[63] == std::byte{1});
}

TEST_CASE("named_memory of makers killed at every system call") {
    constexpr std::size_t bytes = 3 * 4096;
    const support::unused_name name;
    int whole = 0;
    const long calls = stepper::kill_at_every_system_call(
        [&] {
            return std::make_unique<stepper::victim>([&] {
                const auto memory = named_memory::create(name, bytes, 0600, [&](std::byte* first) { std::memset(first, 1, bytes); });
            });
        },
        [&](stepper::victim&, bool completed) {
            const auto found = named_memory::open(name, platform::access::read_only);
            REQUIRE((found || !completed));
            if (found) {
                ++whole;
                REQUIRE(found->size() == bytes);
                for (std::size_t i = 0; i < bytes; ++i) {
                    if (found->data()[i] != std::byte{1}) {
                        FAIL("half-made");
                    }
                }
                named_memory::unlink(name);
            }
        });
    REQUIRE(calls > 10); // open, fchmod, fallocate, mmap, linkat: each of them twice
    REQUIRE(whole > 1);
    REQUIRE(whole < calls);
}
