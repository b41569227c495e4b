#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/run.hpp"

#include <multiprocessing/process/current_process.hpp>
#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/process/process.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <poll.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mp = multiprocessing;
using support::expect;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

namespace {

/// A process that runs `body` and ends with the code it returns, if it returns one.
template <class Body>
mp::Process start(Body body) {
    return mp::fork([body]() mutable {
        if constexpr (std::is_same_v<decltype(body()), int>) {
            std::exit(body());
        } else {
            body();
        }
    });
}

mp::Process start_sleeper() {
    return start([] {
        for (;;) {
            ::pause();
        }
    });
}

/// A process that has prepared itself: a signal ends it as it ends any program.
mp::Process start_ready_sleeper() {
    const support::shared<support::flag> ready;
    auto process = start([&ready] {
        ready->raise();
        for (;;) {
            ::pause();
        }
    });
    ready->wait();
    return process;
}

::pid_t pid_of(const mp::Process& process) { return static_cast<::pid_t>(process.pid()); }

template <class Call>
bool throws_logic_error(Call call) {
    try {
        call();
    } catch (const std::logic_error&) {
        return true;
    }
    return false;
}

} // namespace

TEST_CASE("Process") {
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<mp::Process>);
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<mp::Process>);
    const auto descriptors = support::open_descriptors();

    SECTION("is waited for by the destructor") {
        const support::shared<std::atomic<bool>> done;
        const support::shared<support::flag> go;
        ::pid_t pid = 0;
        {
            const auto process = start([&] {
                go->wait();
                *done = true;
            });
            pid = pid_of(process);
            go->raise();
        }
        REQUIRE(*done);
        REQUIRE(::kill(pid, 0) == -1); // no zombie
    }
    SECTION("is moved; the one moved from is closed") {
        auto first = start([] { return 7; });
        const auto pid = first.pid();
        auto second = std::move(first);
        REQUIRE(second.pid() == pid);
        REQUIRE_THROWS_AS(first.join(), std::logic_error); // NOLINT(bugprone-use-after-move): that is the contract
        REQUIRE_THROWS_WITH(first.pid(), Catch::Contains("of a Process that was moved from"));
        first.close();
        second.join();
        REQUIRE(second.exitcode() == 7);
    }
    SECTION("is waited for before another one is assigned to it") {
        const support::shared<std::atomic<bool>> done;
        auto one = start([&] { *done = true; });
        const auto pid = pid_of(one);
        one = start([] { return 7; });
        REQUIRE(*done);
        REQUIRE(::kill(pid, 0) == -1);
        auto& same = one;
        one = std::move(same);
        one.join();
        REQUIRE(one.exitcode() == 7);
    }
    SECTION("is kept in a vector") {
        std::vector<mp::Process> all;
        for (int i = 0; i < 10; ++i) {
            all.push_back(start([i] { return i; }));
        }
        all.erase(all.begin());
        std::reverse(all.begin(), all.end());
        int code = 9;
        for (auto& each : all) {
            each.join();
            REQUIRE(each.exitcode() == code--);
        }
    }
    SECTION("belongs to the process that made it") {
        auto process = start_sleeper();
        const auto pid = process.pid();
        const auto name = process.name();
        REQUIRE(support::run_child([&] {
                    expect(throws_logic_error([&] { process.join(); }));
                    expect(throws_logic_error([&] { process.join_for(0s); }));
                    expect(throws_logic_error([&] { static_cast<void>(process.is_alive()); }));
                    expect(throws_logic_error([&] { static_cast<void>(process.exitcode()); }));
                    expect(throws_logic_error([&] { process.terminate(); }));
                    expect(throws_logic_error([&] { process.kill(); }));
                    expect(throws_logic_error([&] { process.close(); }));
                    expect(throws_logic_error([&] { static_cast<void>(process.sentinel()); }));
                    expect(process.pid() == pid && process.name() == name);
                    { const auto ended = std::move(process); } // which does not wait
                }) == 0);
        REQUIRE(process.is_alive());
        process.kill();
    }
    SECTION("leaves nothing behind, of 200 short ones and 100 killed ones") {
        for (int i = 0; i < 20; ++i) {
            std::vector<mp::Process> all;
            for (int n = 0; n < 10; ++n) {
                all.push_back(start([n] { return n; }));
            }
            for (int n = 0; n < 5; ++n) {
                all.push_back(start_sleeper());
                all.back().kill();
            }
            for (int n = 0; n < 15; ++n) {
                auto& each = all[static_cast<std::size_t>(n)];
                each.join();
                REQUIRE(each.exitcode() == (n < 10 ? n : -SIGKILL));
                REQUIRE_FALSE(each.is_alive());
            }
        }
        REQUIRE(::waitpid(-1, nullptr, WNOHANG) == -1);
        REQUIRE(errno == ECHILD);
        // A lease, which later children share, is all that may stay.
        REQUIRE(support::open_descriptors() <= descriptors + 2);
    }
}

TEST_CASE("Process::join") {
    SECTION("returns when it has ended, also the second time") {
        auto process = start([] { return 7; });
        process.join();
        REQUIRE_FALSE(process.is_alive());
        process.join();
        REQUIRE(process.exitcode() == 7);
    }
    SECTION("by 8 threads at once: all learn the same") {
        for (int i = 0; i < 20; ++i) {
            auto process = start([] { return 7; });
            std::vector<std::optional<int>> codes(8);
            std::vector<std::thread> threads;
            for (auto& each : codes) {
                threads.emplace_back([&] {
                    process.join();
                    each = process.exitcode();
                });
            }
            for (auto& each : threads) {
                each.join();
            }
            REQUIRE(std::count(codes.begin(), codes.end(), std::optional(7)) == 8);
        }
    }
    SECTION("does not wait for grandchildren") {
        const support::shared<support::flag> go;
        auto process = start([&] { support::child_process([&] { go->wait(); }).detach(); });
        const auto begin = clock_type::now();
        process.join();
        REQUIRE(clock_type::now() - begin < support::patience / 2);
        go->raise();
    }
}

TEST_CASE("Process::join_for") {
    const support::shared<support::flag> go;

    SECTION("is false while it runs: after the time, or at once without one") {
        auto process = start([&] { go->wait(); });
        REQUIRE_FALSE(process.join_for(0s));
        REQUIRE_FALSE(process.join_for(-1h));
        const auto begin = clock_type::now();
        REQUIRE_FALSE(process.join_for(50ms));
        REQUIRE(clock_type::now() - begin >= 50ms);
        REQUIRE(clock_type::now() - begin < 10s);
        go->raise();
        REQUIRE(process.join_for(support::patience));
        REQUIRE(process.join_for(0s));
        REQUIRE(process.exitcode() == 0);
    }
    SECTION("takes any duration") {
        auto process = start([] {});
        REQUIRE(process.join_for(std::chrono::hours::max()));
        REQUIRE(process.join_for(std::chrono::duration<double>(0.1)));
    }
    SECTION("is true at once when it is dead though a grandchild has all its descriptors") {
        auto process = start([&] { support::child_process([&] { go->wait(); }).detach(); });
        REQUIRE(support::eventually([&] { return support::state_of(pid_of(process)) == 'Z'; }));
        const auto begin = clock_type::now();
        REQUIRE(process.join_for(support::patience));
        REQUIRE(clock_type::now() - begin < 1s);
        go->raise();
    }
}

TEST_CASE("Process::is_alive") {
    auto process = start_sleeper();
    REQUIRE(process.is_alive());
    process.kill();
    REQUIRE(support::eventually([&] { return !process.is_alive(); }));
    REQUIRE(process.exitcode() == -SIGKILL);
}

TEST_CASE("Process::exitcode") {
    SECTION("is empty while it runs") {
        auto process = start_sleeper();
        REQUIRE_FALSE(process.exitcode());
        process.kill();
    }
    SECTION("is minus the signal that ended it") {
        for (const int signal : {SIGABRT, SIGKILL, SIGSEGV, SIGTERM, SIGUSR1}) {
            auto process = start([signal] { ::raise(signal); });
            process.join();
            REQUIRE(process.exitcode() == -signal);
        }
    }
    SECTION("is unknown, and the process not alive, when SIGCHLD is ignored") {
        REQUIRE(support::run_child([] {
                    std::signal(SIGCHLD, SIG_IGN);
                    auto process = start([] { return 7; });
                    process.join();
                    expect(!process.is_alive());
                    expect(process.exitcode() == mp::unknown_exitcode);
                    process.terminate();
                    process.kill();
                    process.close();
                }) == 0);
    }
    SECTION("is unknown, and the process not alive, when somebody else waited for it") {
        auto process = start([] { return 7; });
        REQUIRE(support::wait_for(pid_of(process)) == 7);
        REQUIRE_FALSE(process.is_alive());
        REQUIRE(process.exitcode() == mp::unknown_exitcode);
        REQUIRE(process.join_for(0s));
        process.join();
    }
    SECTION("is unknown when somebody else waited for it meanwhile") {
        const support::shared<support::flag> go;
        auto process = start([&] { go->wait(); });
        const auto pid = pid_of(process);
        std::thread other([&] {
            int status = 0; // either of the two may be the one that collects it
            ::waitpid(pid, &status, 0);
        });
        go->raise();
        process.join();
        other.join();
        const auto code = process.exitcode();
        REQUIRE(code.has_value());
        REQUIRE((*code == 0 || *code == mp::unknown_exitcode));
    }
}

TEST_CASE("Process::terminate") {
    SECTION("ends it with SIGTERM") {
        auto process = start_ready_sleeper();
        process.terminate();
        process.join();
        REQUIRE(process.exitcode() == -SIGTERM);
    }
    SECTION("may be refused by the process") {
        const support::shared<support::flag> ready;
        auto process = start([&] {
            std::signal(SIGTERM, [](int) { ::_exit(3); });
            ready->raise();
            ::pause();
        });
        ready->wait();
        process.terminate();
        process.join();
        REQUIRE(process.exitcode() == 3);
    }
    SECTION("does nothing when it has ended") {
        auto process = start([] { return 7; });
        REQUIRE(support::eventually([&] { return support::state_of(pid_of(process)) == 'Z'; }));
        process.terminate();
        process.join();
        process.terminate();
        REQUIRE(process.exitcode() == 7);
    }
}

TEST_CASE("Process::kill") {
    SECTION("ends it with SIGKILL, also when it is stopped") {
        auto process = start([] { ::raise(SIGSTOP); });
        REQUIRE(support::eventually([&] { return support::state_of(pid_of(process)) == 'T'; }));
        REQUIRE(process.is_alive());
        process.kill();
        process.join();
        REQUIRE(process.exitcode() == -SIGKILL);
    }
    SECTION("does nothing when it has ended") {
        auto process = start([] { return 7; });
        process.join();
        process.kill();
        REQUIRE(process.exitcode() == 7);
    }
}

// Fails by the number: without pidfds (posix::child).
TEST_CASE("a Process whose number was given to another child, as somebody else had collected it, is not that one") {
    constexpr int not_to_be_had = 77;
    const support::shared<support::flag> go;
    const int code = support::run_child([&] {
        if (::unshare(CLONE_NEWPID) != 0) { // a place where nobody else takes numbers
            return not_to_be_had;
        }
        return support::run_child([&] {
            const mp::Process process = start([] {});
            const auto pid = static_cast<::pid_t>(process.pid());
            expect(support::wait_for(pid) == 0);
            std::ofstream("/proc/sys/kernel/ns_last_pid") << pid - 1 << std::flush;
            support::child_process stranger([&] {
                go->wait();
                return 7;
            });
            if (stranger.pid() != pid) {
                return not_to_be_had;
            }
            expect(!process.is_alive() && process.exitcode() == mp::unknown_exitcode);
            process.kill();
            process.terminate();
            process.join();
            go->raise();
            expect(stranger.wait() == 7, "the stranger lives, and ends by itself");
            return 0;
        });
    });
    if (code == not_to_be_had) {
        WARN("not tested: a number that is given again, which needs more rights than this process has");
    } else {
        REQUIRE(code == 0);
    }
}

TEST_CASE("Process::close") {
    const auto before = support::open_descriptors();

    SECTION("throws while it runs, and changes nothing") {
        auto process = start_sleeper();
        REQUIRE_THROWS_AS(process.close(), std::logic_error);
        REQUIRE(process.is_alive());
        process.kill();
        process.join();
        process.close();
    }
    SECTION("lets go of it: then only its name is left") {
        auto process = start([] {});
        const std::string name = process.name();
        process.join();
        process.close();
        process.close();
        REQUIRE(process.name() == name);
        REQUIRE_THROWS_AS(process.join(), std::logic_error);
        REQUIRE_THROWS_AS(process.join_for(1s), std::logic_error);
        REQUIRE_THROWS_AS(process.is_alive(), std::logic_error);
        REQUIRE_THROWS_AS(process.exitcode(), std::logic_error);
        REQUIRE_THROWS_AS(process.terminate(), std::logic_error);
        REQUIRE_THROWS_AS(process.kill(), std::logic_error);
        REQUIRE_THROWS_AS(process.pid(), std::logic_error);
        REQUIRE_THROWS_AS(process.sentinel(), std::logic_error);
        REQUIRE_THROWS_WITH(process.join(), Catch::Contains(name) && Catch::Contains("closed"));
    }
    REQUIRE(support::open_descriptors() <= before + 2); // a lease
}

TEST_CASE("Process::detach") {
    SECTION("neither the destructor nor the end of the process waits, and the child goes on") {
        const support::shared<support::flag> may_end;
        const support::shared<std::atomic<pid_t>> child;
        auto maker = start([&] {
            {
                auto process = start([&] { may_end->wait(); });
                *child = pid_of(process);
                process.detach();
                process.detach();
                expect(process.is_alive());
            }
            auto other = start([] {});
            other = start_sleeper();
            other.kill();
            other.join();
        });
        maker.join(); // which it would not, for its child waits
        CHECK(maker.exitcode() == 0);
        CHECK(::kill(*child, 0) == 0);
        may_end->raise();
    }
    SECTION("it is collected when it has ended, by the next start and by active_children()") {
        for (const bool by_start : {true, false}) {
            pid_t number = 0;
            {
                auto process = start_sleeper();
                number = pid_of(process);
                process.detach();
            }
            CHECK(mp::active_children().size() == 1);
            ::kill(number, SIGKILL);
            siginfo_t seen{};
            REQUIRE(::waitid(P_PID, static_cast<id_t>(number), &seen, WEXITED | WNOWAIT) == 0); // it has ended, and is not collected
            if (by_start) {
                start([] {}).join();
            } else {
                CHECK(mp::active_children().empty());
            }
            CHECK(::kill(number, 0) == -1);
        }
    }
    SECTION("it is joined by who wants to") {
        auto process = start([] { return 7; });
        process.detach();
        process.join();
        CHECK(process.exitcode() == 7);
    }
    SECTION("a daemon ends with its parent all the same") {
        const support::shared<std::atomic<pid_t>> child;
        auto maker = start([&] {
            auto process = mp::fork({.daemon = true}, [] {
                for (;;) {
                    ::pause();
                }
            });
            *child = pid_of(process);
            process.detach();
        });
        maker.join();
        CHECK(maker.exitcode() == 0);
        CHECK(::kill(*child, 0) == -1);
    }
    SECTION("one that was moved from, and a closed one, have nobody to detach") {
        auto first = start([] {});
        auto second = std::move(first);
        CHECK_THROWS_WITH(first.detach(), Catch::Contains("detach of a Process that was moved from")); // NOLINT(bugprone-use-after-move)
        second.join();
        second.close();
        CHECK_THROWS_AS(second.detach(), std::logic_error);
    }
}

TEST_CASE("Process::pid") {
    const support::shared<std::atomic<::pid_t>> seen;
    auto process = start([&] { *seen = ::getpid(); });
    const auto pid = process.pid();
    process.join();
    REQUIRE(pid == *seen);
    REQUIRE(process.pid() == pid);
}

TEST_CASE("Process::name") {
    SECTION("counts the children of the process, and theirs") {
        // The test may have started others before.
        int number = 0;
        auto first = start([] {});
        REQUIRE(std::sscanf(first.name().c_str(), "Process-%d", &number) == 1);
        REQUIRE(first.name() == "Process-" + std::to_string(number));
        const std::string next = "Process-" + std::to_string(number + 1);
        auto second = start([&next] {
            auto grandchild = start([&next] {
                auto deeper = start([] {});
                expect(deeper.name() == next + ":1:1");
            });
            expect(grandchild.name() == next + ":1");
            expect(start([] {}).name() == next + ":2");
            grandchild.join();
            expect(grandchild.exitcode() == 0);
        });
        REQUIRE(second.name() == next);
        second.join();
        REQUIRE(second.exitcode() == 0);
        REQUIRE(start([] {}).name() == "Process-" + std::to_string(number + 2));
    }
    SECTION("is what the options say") {
        auto process = mp::fork({.name = "worker"}, [] {
            expect(start([] {}).name().starts_with("Process-")); // not the name, the place among its kin
        });
        REQUIRE(process.name() == "worker");
        process.join();
        REQUIRE(process.exitcode() == 0);
    }
}

TEST_CASE("Process::sentinel") {
    const support::shared<support::flag> go;
    auto process = start([&] { go->wait(); });
    ::pollfd ask{process.sentinel(), POLLIN, 0};
    REQUIRE(::poll(&ask, 1, 0) == 0);
    go->raise();
    REQUIRE(::poll(&ask, 1, static_cast<int>(std::chrono::milliseconds(support::patience).count())) == 1);
    REQUIRE_FALSE(process.is_alive());
    REQUIRE(process.exitcode() == 0);
}

// Fails where a process is told from another one by its number (process_record::is_mine).
TEST_CASE("an inherited Process is its maker's alone, also where both have the number 1") {
    constexpr int not_to_be_had = 77;
    const int code = support::run_child([] {
        if (::unshare(CLONE_NEWPID) != 0) {
            return not_to_be_had;
        }
        return support::run_child([] { // process 1 of a namespace
            expect(::getpid() == 1);
            const support::shared<support::flag> go;
            const mp::Process process = start([&] { go->wait(); });
            expect(::unshare(CLONE_NEWPID) == 0);
            const int other = support::run_child([&] { // process 1 of another one
                expect(::getpid() == 1);
                expect(mp::active_children().empty(), "the parent's children are none of its own");
                try {
                    process.kill();
                } catch (const std::logic_error&) {
                    return 0;
                }
                return 1;
            });
            expect(other == 0, "it cannot end its parent's child");
            expect(process.is_alive());
            go->raise();
            process.join();
            expect(process.exitcode() == 0);
            return 0;
        });
    });
    if (code == not_to_be_had) {
        WARN("not tested: PID namespaces, which need more rights than this process has");
    } else {
        REQUIRE(code == 0);
    }
}

// Fails when the comparison always holds, or never.
TEST_CASE("Process: handles are equal that refer to the same child") {
    auto one = start_sleeper();
    auto other = start_sleeper();
    const auto all = mp::active_children();
    REQUIRE(std::count(all.begin(), all.end(), one) == 1);
    REQUIRE(std::ranges::find(all, other) != all.end());
    REQUIRE(*std::find(all.begin(), all.end(), one) == one);
    REQUIRE(one == one);
    REQUIRE(one != other);
    for (auto* const each : {&one, &other}) {
        each->kill();
        each->join();
    }
    one.close();
    REQUIRE(std::count(all.begin(), all.end(), one) == 1);
    const auto moved = std::move(one);
    REQUIRE(std::count(all.begin(), all.end(), moved) == 1);
    REQUIRE(one != moved); // NOLINT(bugprone-use-after-move): that is the contract
}
