#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/platform/exit_status.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace platform = multiprocessing::platform;
using platform::child;
using clock_type = platform::clock;
using namespace std::chrono_literals;

namespace {

/// Puts `one` in charge of a bare fork's child.
template <class Body>
void start(child& one, Body body) {
    one.adopt(support::child_process(body).detach());
}

} // namespace

TEST_CASE("child::exit_status") {
    child one;

    SECTION("is empty while it runs, then what it ended with, again and again") {
        const support::shared<support::flag> go;
        start(one, [&] {
            go->wait();
            return 7;
        });
        REQUIRE_FALSE(one.exit_status());
        REQUIRE(::kill(static_cast<::pid_t>(one.number()), 0) == 0);
        go->raise();
        REQUIRE(one.wait_until(platform::no_deadline));
        REQUIRE(one.exit_status() == 7);
        REQUIRE(one.exit_status() == 7);
    }
    SECTION("is minus the signal that ended it") {
        start(one, [] { std::abort(); });
        REQUIRE(one.wait_until(platform::no_deadline));
        REQUIRE(one.exit_status() == -SIGABRT);
    }
    SECTION("is not an end when it is only stopped") {
        start(one, [] { ::raise(SIGSTOP); });
        const auto number = static_cast<::pid_t>(one.number());
        REQUIRE(support::eventually([&] { return support::state_of(number) == 'T'; }));
        REQUIRE_FALSE(one.exit_status());
        ::kill(number, SIGCONT);
        REQUIRE(one.wait_until(platform::no_deadline));
        REQUIRE(one.exit_status() == 0);
    }
    SECTION("is unknown when somebody else collected it") {
        start(one, [] { return 7; });
        REQUIRE(support::wait_for(static_cast<::pid_t>(one.number())) == 7);
        REQUIRE(one.exit_status() == platform::unknown_exit_status);
        REQUIRE(one.wait_until(platform::no_deadline));
    }
    SECTION("is unknown when nobody collects children") {
        REQUIRE(support::run_child([&] {
                    std::signal(SIGCHLD, SIG_IGN);
                    start(one, [] { return 7; });
                    support::expect(one.wait_until(clock_type::now() + support::patience));
                    support::expect(one.exit_status() == platform::unknown_exit_status);
                }) == 0);
    }
    SECTION("is the same for all threads that ask at once") {
        start(one, [] { return 7; });
        std::vector<std::optional<int>> seen(8);
        std::vector<std::thread> threads;
        for (auto& each : seen) {
            threads.emplace_back([&] {
                if (one.wait_until(clock_type::now() + support::patience)) {
                    each = one.exit_status();
                }
            });
        }
        for (auto& each : threads) {
            each.join();
        }
        REQUIRE(std::count(seen.begin(), seen.end(), std::optional(7)) == 8);
    }
}

TEST_CASE("child::wait_until") {
    child one;
    const support::shared<support::flag> go;

    SECTION("is false at the deadline, not before") {
        start(one, [&] { go->wait(); });
        REQUIRE_FALSE(one.wait_until(clock_type::time_point{})); // only looks
        const auto until = clock_type::now() + 30ms;
        REQUIRE_FALSE(one.wait_until(until));
        REQUIRE(clock_type::now() >= until);
        go->raise();
        REQUIRE(one.wait_until(clock_type::now() + support::patience));
    }
    SECTION("is true when the child itself is gone, whatever became of its children") {
        start(one, [&] { support::child_process([&] { go->wait(); }).detach(); });
        const auto begin = clock_type::now();
        REQUIRE(one.wait_until(begin + support::patience));
        REQUIRE(clock_type::now() - begin < support::patience / 2);
        go->raise();
    }
    SECTION("works without a descriptor to watch it by") {
        REQUIRE(support::run_child([&] {
                    const auto pid = support::child_process([&] { go->wait(); }).detach();
                    support::limit(RLIMIT_NOFILE, 0);
                    one.adopt(pid);
                    support::expect(one.sentinel_if_any() == platform::invalid_native_handle);
                    support::expect(!one.wait_until(clock_type::now() + 5ms));
                    go->raise();
                    support::expect(one.wait_until(clock_type::now() + support::patience));
                    support::expect(one.exit_status() == 0);
                }) == 0);
    }
}

TEST_CASE("child::terminate") {
    child one;
    start(one, [] { ::pause(); });
    one.terminate();
    REQUIRE(one.wait_until(platform::no_deadline));
    REQUIRE(one.exit_status() == -SIGTERM);
    one.terminate();
    one.kill();
    REQUIRE(one.exit_status() == -SIGTERM);
}

TEST_CASE("child::kill") {
    child one;

    SECTION("ends it") {
        start(one, [] {
            std::signal(SIGTERM, SIG_IGN);
            ::pause();
        });
        one.kill();
        REQUIRE(one.wait_until(platform::no_deadline));
        REQUIRE(one.exit_status() == -SIGKILL);
    }
    SECTION("does nothing to a process that has ended, collected by whomever") {
        start(one, [] { return 7; });
        support::wait_for(static_cast<::pid_t>(one.number()));
        one.kill();
        one.terminate();
        REQUIRE(one.exit_status() == platform::unknown_exit_status);
    }
}

TEST_CASE("child::sentinel") {
    const auto before = support::open_descriptors();
    {
        child one;
        const support::shared<support::flag> go;
        start(one, [&] { go->wait(); });
        ::pollfd ask{one.sentinel(), POLLIN, 0};
        REQUIRE(::poll(&ask, 1, 0) == 0);
        go->raise();
        REQUIRE(::poll(&ask, 1, static_cast<int>(std::chrono::milliseconds(support::patience).count())) == 1);
        REQUIRE(one.exit_status() == 0);
    }
    REQUIRE(support::open_descriptors() == before);
}

// Fails without stand_in_sentinel, of_ended and of_running each: there is nothing to poll, or it never is ready.
TEST_CASE("child::sentinel without a pidfd: always something to poll, or an error with words") {
    const auto in_child = [](auto body) { // `body` is given a child that has no pidfd, and its go
        return support::run_child([&] {
            child one;
            const support::shared<support::flag> go;
            const support::shared<support::flag> over;
            const auto pid = support::child_process([&] {
                                 support::child_process([&] { over->wait(); }).detach(); // it has all descriptors
                                 go->wait();
                                 return 7;
                             }).detach();
            ::rlimit before{};
            ::getrlimit(RLIMIT_NOFILE, &before);
            support::limit(RLIMIT_NOFILE, 0);
            one.adopt(pid);
            std::exception_ptr thrown; // looked at when there are descriptors again, which a sanitizer needs for that
            try {
                static_cast<void>(one.sentinel());
            } catch (const std::system_error&) {
                thrown = std::current_exception();
            }
            support::limit(RLIMIT_NOFILE, before.rlim_cur);
            bool had_words = false;
            try {
                if (thrown) {
                    std::rethrow_exception(thrown);
                }
            } catch (const std::system_error& error) {
                had_words = std::string(error.what()).find("refuses pidfd_open: permit") != std::string::npos;
            }
            support::expect(had_words && one.sentinel_if_any() == platform::invalid_native_handle);
            body(one, *go);
            over->raise();
        });
    };
    const auto is_ready_within = [](platform::native_handle sentinel, std::chrono::milliseconds time) {
        ::pollfd ask{sentinel, POLLIN, 0};
        return ::poll(&ask, 1, static_cast<int>(time.count())) == 1 && (ask.revents & POLLIN) != 0;
    };
    SECTION("it is ready when the child itself has ended, whoever has its descriptors, and stays so; it is one") {
        REQUIRE(in_child([&](child& one, support::flag& go) {
                    const auto sentinel = one.sentinel();
                    support::expect(!is_ready_within(sentinel, 10ms));
                    go.raise();
                    support::expect(is_ready_within(sentinel, support::patience));
                    support::expect(one.exit_status() == 7 && one.sentinel() == sentinel && is_ready_within(sentinel, 0ms));
                }) == 0);
    }
    SECTION("of one that has ended, or been collected by somebody else") {
        REQUIRE(in_child([&](child& one, support::flag& go) {
                    go.raise();
                    support::wait_for(static_cast<::pid_t>(one.number()));
                    support::expect(is_ready_within(one.sentinel(), 0ms));
                    support::expect(one.exit_status() == platform::unknown_exit_status);
                }) == 0);
    }
    SECTION("of one that is collected while it is waited for") {
        REQUIRE(in_child([&](child& one, support::flag& go) {
                    const auto sentinel = one.sentinel();
                    go.raise();
                    support::wait_for(static_cast<::pid_t>(one.number()));
                    support::expect(is_ready_within(sentinel, support::patience));
                }) == 0);
    }
    SECTION("which the program has closed: another one, and no file that has its number is written to") {
        REQUIRE(in_child([&](child& one, support::flag& go) {
                    const auto first = one.sentinel();
                    ::close(first);
                    ::close(first + 1); // the thread's end
                    const int file = ::memfd_create("a file of the program's", MFD_CLOEXEC);
                    const int other = ::memfd_create("another", MFD_CLOEXEC);
                    support::expect(file == first && other == first + 1);
                    const auto second = one.sentinel();
                    support::expect(!is_ready_within(second, 10ms));
                    go.raise();
                    support::expect(is_ready_within(second, support::patience) && one.wait_until(platform::no_deadline));
                    const auto threads = [] {
                        const std::filesystem::directory_iterator all("/proc/self/task");
                        return std::distance(begin(all), end(all));
                    };
                    support::expect(support::eventually([&] { return threads() == 1; }), "both have said what they had to say");
                    support::expect(::lseek(file, 0, SEEK_END) == 0 && ::lseek(other, 0, SEEK_END) == 0);
                }) == 0);
    }
    SECTION("and nothing is left of it when the child and the object have gone") {
        REQUIRE(in_child([&](child&, support::flag& go) {
                    go.raise();
                    const auto before = support::open_descriptors();
                    for (int i = 0; i < 20; ++i) {
                        child one;
                        ::rlimit now{};
                        ::getrlimit(RLIMIT_NOFILE, &now);
                        const auto pid = support::child_process([] {}).detach();
                        support::limit(RLIMIT_NOFILE, 0);
                        one.adopt(pid);
                        support::limit(RLIMIT_NOFILE, now.rlim_cur);
                        support::expect(is_ready_within(one.sentinel(), support::patience) && one.exit_status() == 0);
                    }
                    support::expect(support::eventually([&] { return support::open_descriptors() == before; }));
                }) == 0);
    }
}
