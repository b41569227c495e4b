// SharedMemoryManager and platform::segment_keeper as POSIX shows them: who is killed, and that no name stays.
//
// Taken out once, and what failed: the record before the name (written after it): "killed at every system call" left a name. The comparison of the file's number:
// "leaves alone what is another's". The blocked signals: "Ctrl-C". The pidfd (only the pipe): "its own children live on". The pidfd opened
// by the server and not before it: "before its server has begun".
#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/names.hpp"
#include "support/program.hpp"
#include "support/run.hpp"
#include "support/stepper.hpp"

#include <multiprocessing/platform/segment_keeper.hpp>
#include <multiprocessing/shared_memory/shared_memory_manager.hpp>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mp = multiprocessing;
using mp::platform::named_memory;
using mp::platform::segment_keeper;

namespace {

/// The names that a child makes, for its parent to look for.
struct names {
    support::flag ready;
    support::flag go;
    char text[64][16];
    int count;

    void note(const std::string& name) {
        text[count][name.copy(text[count], 15)] = '\0';
        ++count;
    }
    [[nodiscard]] bool all_exist() const {
        return count > 0 && std::all_of(text, text + count, [](const char* each) { return named_memory::exists(each); });
    }
    [[nodiscard]] bool none_exists() const {
        return std::none_of(text, text + count, [](const char* each) { return named_memory::exists(each); });
    }
};

void make_some(mp::SharedMemoryManager& manager, names& made) {
    for (int i = 0; i < 10; ++i) {
        made.note(manager.SharedMemory(100).name());
        made.note(manager.ShareableList({"howdy", i}).shm().name());
    }
}

/// The children of a process, as /proc has them.
std::vector<::pid_t> children_of(::pid_t parent) {
    std::ifstream file("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children");
    std::vector<::pid_t> all;
    for (::pid_t one = 0; file >> one;) {
        all.push_back(one);
    }
    return all;
}

} // namespace

TEST_CASE("SharedMemoryManager: nothing stays when its process is killed") {
    for (int i = 0; i < 10; ++i) {
        const support::shared<names> made;
        support::child_process user([&] {
            mp::SharedMemoryManager manager;
            manager.start();
            make_some(manager, *made);
            made->ready.raise();
            made->go.wait();
        });
        made->ready.wait();
        REQUIRE(made->all_exist());
        user.send(SIGKILL);
        REQUIRE(user.wait() == -SIGKILL);
        REQUIRE(support::eventually([&] { return made->none_exists(); }));
    }
}

TEST_CASE("SharedMemoryManager: nothing stays when its process is killed and its own children live on") {
    const support::shared<names> made;
    const support::shared<::pid_t> child;
    support::child_process user([&] {
        mp::SharedMemoryManager manager;
        manager.start();
        make_some(manager, *made);
        *child = support::child_process([&] { made->go.wait(); }).detach();
        made->ready.raise();
        made->go.wait();
    });
    made->ready.wait();
    user.send(SIGKILL);
    REQUIRE(user.wait() == -SIGKILL);
    REQUIRE(support::eventually([&] { return made->none_exists(); }));
    REQUIRE(::kill(*child, 0) == 0);
    made->go.raise();
}

TEST_CASE("SharedMemoryManager: nothing stays when its process is killed before its server has begun") {
    for (int i = 0; i < 20; ++i) {
        const support::shared<names> made;
        const support::shared<::pid_t> child;
        support::child_process user([&] {
            ::cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(static_cast<unsigned>(::sched_getcpu()), &one);
            ::sched_setaffinity(0, sizeof(one), &one); // the server inherits it, and has to wait for its turn
            mp::SharedMemoryManager manager;
            manager.start();
            made->note(manager.SharedMemory(100).name());
            *child = support::child_process([&] { made->go.wait(); }).detach(); // has the pipe
            ::kill(::getpid(), SIGKILL);
        });
        REQUIRE(user.wait() == -SIGKILL);
        REQUIRE(support::eventually([&] { return made->none_exists(); }));
        made->go.raise();
    }
}

TEST_CASE("SharedMemoryManager: nothing stays when its process ends without a word, or runs another program") {
    const support::shared<names> made;
    const auto start = [&] {
        static auto* const manager = new mp::SharedMemoryManager;
        manager->start();
        make_some(*manager, *made);
    };
    SECTION("_exit") {
        REQUIRE(support::run_child([&] {
                    start();
                    ::_exit(3);
                }) == 3);
    }
    SECTION("exec") {
        REQUIRE(support::run_child([&] {
                    start();
                    ::execl("/bin/true", "true", nullptr);
                }) == 0);
    }
    REQUIRE(made->count > 0);
    REQUIRE(support::eventually([&] { return made->none_exists(); }));
}

TEST_CASE("SharedMemoryManager: Ctrl-C does not end its server") {
    const support::shared<names> made;
    support::child_process user([&] {
        ::setpgid(0, 0);
        std::signal(SIGINT, SIG_IGN);
        std::signal(SIGTERM, SIG_IGN);
        mp::SharedMemoryManager manager;
        manager.start();
        make_some(manager, *made);
        made->ready.raise();
        made->go.wait();
    });
    made->ready.wait();
    const auto servers = children_of(user.pid());
    REQUIRE(servers.size() == 1);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) {
        ::kill(servers[0], signal);
    }
    REQUIRE(::kill(-user.pid(), SIGINT) == 0);
    REQUIRE(made->all_exist());
    user.send(SIGKILL);
    REQUIRE(user.wait() == -SIGKILL);
    REQUIRE(support::eventually([&] { return made->none_exists(); }));
    REQUIRE(support::is_gone_within(servers[0], support::patience));
}

TEST_CASE("SharedMemoryManager: when its server is killed") {
    REQUIRE(support::run_child([] {
                names made{};
                mp::SharedMemoryManager manager;
                manager.start();
                make_some(manager, made);
                const auto servers = children_of(::getpid());
                support::expect(servers.size() == 1);
                ::kill(servers[0], SIGKILL);
                support::expect(support::is_gone_within(servers[0], support::patience));
                try {
                    static_cast<void>(manager.SharedMemory(10));
                    support::expect(false, "nobody would have removed it");
                } catch (const std::system_error& error) {
                    support::expect(error.code() == std::errc::broken_pipe);
                }
                support::expect(made.all_exist());
                manager.shutdown();
                support::expect(made.none_exists());
                support::expect(::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD, "no zombie");
            }) == 0);
}

TEST_CASE("SharedMemoryManager: a server that stands still holds nobody up") {
    REQUIRE(support::run_child([] {
                names made{};
                mp::SharedMemoryManager manager;
                manager.start();
                make_some(manager, made);
                ::kill(children_of(::getpid()).at(0), SIGSTOP);
                manager.shutdown();
                support::expect(made.none_exists());
            }) == 0);
}

TEST_CASE("SharedMemoryManager in a child that was forked") {
    mp::SharedMemoryManager manager;
    manager.start();
    const mp::SharedMemory block = manager.SharedMemory(100);
    REQUIRE(support::run_child([&] {
                block.buf()[0] = std::byte{5};
                try {
                    static_cast<void>(manager.SharedMemory(1));
                    support::expect(false, "a child used its parent's manager");
                } catch (const std::logic_error&) {
                }
                manager.shutdown();
                mp::SharedMemoryManager moved = std::move(manager); // and is destroyed here
            }) == 0);
    REQUIRE(block.buf()[0] == std::byte{5});
    REQUIRE(named_memory::exists(block.name()));
}

TEST_CASE("segment_keeper leaves alone what is another's") {
    const support::unused_name name;
    SECTION("that took the name after ours was removed") {
        std::optional<named_memory> other;
        {
            segment_keeper keeper;
            const auto mine = keeper.create(name, 10, 0600, [](std::byte*) {});
            REQUIRE(mine.has_value());
            named_memory::unlink(name);
            other = named_memory::create(name, 20, 0600);
        }
        REQUIRE(named_memory::open(name, mp::platform::access::read_only)->size() == 20);
    }
    SECTION("that had the name before") {
        const auto other = named_memory::create(name, 20, 0600);
        {
            segment_keeper keeper;
            REQUIRE_FALSE(keeper.create(name, 10, 0600, [](std::byte*) {}).has_value());
        }
        REQUIRE(named_memory::exists(name));
    }
}

TEST_CASE("segment_keeper: its server has nothing of its parent's open") {
    const support::unused_name name;
    segment_keeper keeper;
    const auto made = keeper.create(name, 10, 0600, [](std::byte*) {});
    const auto servers = children_of(::getpid());
    REQUIRE(servers.size() == 1);
    const std::string fds = "/proc/" + std::to_string(servers[0]) + "/fd";
    REQUIRE(support::eventually([&] { return support::names_in(fds).size() <= 3; }));
    REQUIRE(std::filesystem::read_symlink("/proc/" + std::to_string(servers[0]) + "/cwd") == "/");
}

TEST_CASE("segment_keeper of processes killed at every system call of create") {
    const support::unused_name name;
    int named = 0;
    const long calls = stepper::kill_at_every_system_call(
        [&] {
            auto keeper = std::make_shared<std::optional<segment_keeper>>();
            return std::make_unique<stepper::victim>([keeper] { keeper->emplace(); },
                                                     [&name, keeper] {
                                                         const auto made = (*keeper)->create(name, 100, 0600, [](std::byte*) {});
                                                         static_cast<void>(made);
                                                     });
        },
        [&](stepper::victim&, bool) {
            named += named_memory::exists(name) ? 1 : 0;
            REQUIRE(support::eventually([&] { return !named_memory::exists(name); }));
        });
    REQUIRE(calls > 10);
    CAPTURE(named); // how often the test came before the server: it may be never
}

TEST_CASE("segment_keeper of processes killed at every system call of finish") {
    const support::unused_name name;
    const long calls = stepper::kill_at_every_system_call(
        [&] {
            auto keeper = std::make_shared<std::optional<segment_keeper>>();
            return std::make_unique<stepper::victim>(
                [&name, keeper] {
                    keeper->emplace();
                    support::expect((*keeper)->create(name, 100, 0600, [](std::byte*) {}).has_value());
                },
                [keeper] { (*keeper)->finish(); });
        },
        [&](stepper::victim&, bool) { REQUIRE(support::eventually([&] { return !named_memory::exists(name); })); });
    REQUIRE(calls > 5);
}
