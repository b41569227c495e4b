// What is POSIX's of platform/life_token.hpp.
#include "support/catch.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/life_token.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/platform/named_memory.hpp>

#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace platform = multiprocessing::platform;
using platform::life;
using platform::life_tokens;

namespace {

constexpr std::uint64_t table = 1;

/// In another process, while it lives, and when it is dead.
void require_held_until_death(const life_tokens& tokens, std::uint64_t token, void (*before)()) {
    const support::shared<support::flag> taken;
    support::child_process holder([&] {
        before();
        support::expect(tokens.try_take(token));
        taken->raise();
        ::pause();
    });
    taken->wait();
    REQUIRE(tokens.ask(token) == life::held);
    REQUIRE(support::run_child([&] { support::expect(tokens.ask(token) == life::held && !tokens.try_take(token)); }) == 0);
    holder.send(SIGKILL);
    REQUIRE(support::eventually([&] { return support::state_of(holder.pid()) == 'Z'; }));
    REQUIRE(tokens.ask(token) == life::gone); // before anybody has waited for it
}

} // namespace

TEST_CASE("life_tokens of a memory object") {
    const auto home = platform::memory_object::create(4096);
    const life_tokens tokens(home.handle(), table, "");

    SECTION("are held until their process is dead") {
        require_held_until_death(tokens, 1, [] {});
    }
    SECTION("also of one that may not be looked at by others, and one that has become another user") {
        require_held_until_death(tokens, 1, [] { ::prctl(PR_SET_DUMPABLE, 0); });
        if (::geteuid() == 0) {
            require_held_until_death(tokens, 2, [] { support::expect(::setgid(65534) == 0 && ::setuid(65534) == 0); });
        }
    }
    SECTION("also where there is no /proc") {
        const auto leave_proc = [] { support::expect(::chroot("/tmp") == 0 && ::chdir("/") == 0); };
        if (support::run_child(leave_proc) == 0) { // where that is permitted
            require_held_until_death(tokens, 1, leave_proc);
        }
    }
    SECTION("may have any number, up to the largest") {
        constexpr std::uint64_t largest = (std::uint64_t{1} << 62) - 1;
        require_held_until_death(tokens, largest, [] {});
        REQUIRE(tokens.ask(largest - 1) == life::gone);
    }
    SECTION("are not held by a child of the holder, and not lost with it") {
        const support::shared<support::flag> go;
        const support::shared<support::flag> taken;
        support::child_process parent([&] {
            support::expect(tokens.try_take(1));
            support::expect(support::run_child([] {}) == 0);
            support::child_process([&] { go->wait(); }).detach();
            taken->raise();
            ::pause();
        });
        taken->wait();
        REQUIRE(tokens.ask(1) == life::held);
        parent.send(SIGKILL);
        parent.wait();
        REQUIRE(tokens.ask(1) == life::gone);
        go->raise();
    }
    SECTION("are not held by those who can only lock for reading") {
        const platform::owned_handle reader(::open(("/proc/self/fd/" + std::to_string(home.handle())).c_str(), O_RDONLY | O_CLOEXEC));
        struct ::flock lock{};
        lock.l_type = F_RDLCK;
        lock.l_whence = SEEK_SET;
        lock.l_start = 1;
        lock.l_len = 1;
        REQUIRE(::fcntl(reader.get(), F_OFD_SETLK, &lock) == 0);
        REQUIRE(tokens.ask(1) == life::gone);
    }
}

TEST_CASE("life_tokens whose home's descriptor the program has closed", "[serial]") { // /proc/locks has to stay within a page
    const auto lose = [](platform::native_handle home) {
        const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        ::dup2(null, home); // its number is another file's now, in which nobody holds anything
        ::close(null);
    };
    SECTION("of a memory object: held and gone are known, and none can be taken") {
        REQUIRE(support::run_child([&] {
                    auto home = platform::memory_object::create(4096);
                    const life_tokens tokens(home.handle(), table, "");
                    const support::shared<support::flag> taken;
                    support::child_process holder([&] {
                        support::expect(tokens.try_take(1));
                        taken->raise();
                        ::pause();
                    });
                    taken->wait();
                    const platform::owned_handle other(::memfd_create("other", MFD_CLOEXEC));
                    support::expect(::flock(other.get(), LOCK_EX) == 0); // somebody has a lock at any time: an empty list is not believed
                    lose(home.handle());
                    support::expect(tokens.ask(1) == life::held);
                    support::expect(tokens.ask(2) == life::gone);
                    bool refused = false;
                    try {
                        static_cast<void>(tokens.try_take(2));
                    } catch (const std::system_error& error) {
                        refused = error.code() == std::errc::bad_file_descriptor;
                    }
                    support::expect(refused);
                    holder.send(SIGKILL);
                    holder.wait();
                    support::expect(tokens.ask(1) == life::gone);
                }) == 0);
    }
    SECTION("of memory with a name: all goes on as before") {
        const std::string name = "mp-test-lives." + std::to_string(::getpid());
        REQUIRE(support::run_child([&] {
                    const auto home = platform::named_memory::create(name, 4096, 0600);
                    support::expect(home.has_value());
                    const life_tokens tokens(home->handle(), table, name);
                    lose(home->handle());
                    const support::shared<support::flag> taken;
                    support::child_process holder([&] {
                        support::expect(tokens.try_take(1));
                        taken->raise();
                        ::pause();
                    });
                    taken->wait();
                    support::expect(tokens.ask(1) == life::held);
                    holder.send(SIGKILL);
                    holder.wait();
                    support::expect(tokens.ask(1) == life::gone);
                }) == 0);
        REQUIRE(platform::named_memory::unlink(name));
    }
}
