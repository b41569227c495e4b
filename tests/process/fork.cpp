#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/program.hpp"
#include "support/run.hpp"

#include <multiprocessing/process/fork.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <sys/wait.h>
#include <unistd.h>

namespace mp = multiprocessing;
using support::expect;

namespace {

/// The exit code of a child that runs it.
template <class Body>
int code_of(Body body) {
    auto process = mp::fork([&] {
        body();
    });
    process.join();
    return process.exitcode().value_or(-1000);
}

[[noreturn]] void deep_inside(int levels, int code) {
    if (levels > 0) {
        const std::string not_destroyed = "as at any exit";
        deep_inside(levels - 1, code);
    }
    std::exit(code);
}

struct says_at_its_end {
    explicit says_at_its_end(const char* what) : text(what) {}
    says_at_its_end(const says_at_its_end&) = delete;
    says_at_its_end& operator=(const says_at_its_end&) = delete;
    ~says_at_its_end() { std::printf("%s;", text); }
    const char* text;
};

void make_own_things() {
    std::atexit([] { std::printf("own handler;"); });
    static const says_at_its_end own("own object");
}

void make_inherited_things() {
    std::atexit([] { std::printf("inherited handler;"); });
    static const says_at_its_end inherited("inherited object");
}

} // namespace

TEST_CASE("fork") {
    SECTION("calls any callable with any arguments, in another process") {
        const support::shared<std::atomic<int>> seen;
        auto counter = std::make_unique<int>(3); // captured by move, and so moved into the child's copy
        auto process = mp::fork(
            [&seen, counter = std::move(counter)](int a, const std::string& b) {
                *seen = *counter + a + static_cast<int>(b.size());
            },
            4, "five!");
        process.join();
        REQUIRE(process.exitcode() == 0);
        REQUIRE(*seen == 12);

        struct worker {
            std::atomic<int>* to;
            void run(int what) const { *to = what; }
        };
        mp::fork(&worker::run, worker{&*seen}, 42).join();
        REQUIRE(*seen == 42);
    }
    SECTION("gives the child a copy of everything but shared objects") {
        int own = 1;
        const mp::SharedValue<int> shared(1);
        REQUIRE(code_of([&] {
                    own += 1;
                    shared += 1;
                    expect(own == 2);
                }) == 0);
        REQUIRE(own == 1);
        REQUIRE(shared.value() == 2);
    }
    SECTION("has started the child when it returns") {
        const support::shared<support::flag> go;
        auto process = mp::fork([&] {
            go->wait();
        });
        REQUIRE(::kill(static_cast<::pid_t>(process.pid()), 0) == 0);
        go->raise();
    }
    SECTION("never returns into the caller in the child") {
        const auto seen = support::run_captured([] {
            { auto process = mp::fork([] {}); }
            std::printf("caller;");
        });
        REQUIRE(seen.code == 0);
        REQUIRE(seen.out == "caller;");
    }
}

TEST_CASE("fork: how the child ends") {
    SECTION("with 0 when the function returns") { REQUIRE(code_of([] {}) == 0); }
    SECTION("with what it passes to std::exit, deep inside as well, modulo 256") {
        for (const auto& [passed, code] : {std::pair{0, 0}, {7, 7}, {255, 255}, {256, 0}, {263, 7}, {-1, 255}}) {
            CAPTURE(passed);
            REQUIRE(code_of([code_passed = passed] { deep_inside(20, code_passed); }) == code);
        }
    }
    SECTION("with what it passes to _exit and quick_exit") {
        REQUIRE(code_of([] { ::_exit(9); }) == 9);
        REQUIRE(code_of([] { std::quick_exit(9); }) == 9);
    }
    SECTION("with minus the signal") {
        REQUIRE(code_of([] { std::abort(); }) == -SIGABRT);
        REQUIRE(code_of([] { ::raise(SIGKILL); }) == -SIGKILL);
        REQUIRE(code_of([] { ::raise(SIGTERM); }) == -SIGTERM);
    }
    SECTION("with 1 and a text when an exception escapes") {
        const auto seen = support::run_captured([] {
            auto process = mp::fork({.name = "worker"}, [] {
                throw std::out_of_range("no such thing");
            });
            process.join();
            return process.exitcode().value_or(-1000);
        });
        REQUIRE(seen.code == 1);
        REQUIRE(seen.err == "Process worker ended by std::out_of_range: no such thing\n");
        REQUIRE(seen.out.empty());
    }
    SECTION("with 1 and a text when anything else escapes") {
        const auto seen = support::run_captured([] { return code_of([] { throw 7; }); });
        REQUIRE(seen.code == 1);
        REQUIRE(seen.err.find("not a std::exception") != std::string::npos);
    }
}

TEST_CASE("fork: exit handlers and static objects") {
    const auto run = [](auto end) {
        return support::run_captured([end] {
            make_inherited_things();
            const int code = code_of([end] {
                make_own_things();
                end();
            });
            return code;
        });
    };
    SECTION("its own at a return, not the inherited ones") {
        const auto seen = run([] {});
        REQUIRE(seen.code == 0);
        REQUIRE(seen.out == "own object;own handler;");
    }
    SECTION("its own at std::exit, not the inherited ones") {
        const auto seen = run([] { std::exit(3); });
        REQUIRE(seen.code == 3);
        REQUIRE(seen.out == "own object;own handler;");
    }
    SECTION("its own at an exception, not the inherited ones") {
        const auto seen = run([] { throw std::runtime_error("so"); });
        REQUIRE(seen.code == 1);
        REQUIRE(seen.out == "own object;own handler;");
    }
    SECTION("in a grandchild not the child's either") {
        const auto seen = run([] {
            auto grandchild = mp::fork([] {
                std::atexit([] { std::printf("grandchild's handler;"); });
            });
        });
        REQUIRE(seen.code == 0);
        REQUIRE(seen.out == "grandchild's handler;own object;own handler;");
    }
    SECTION("an exit handler that ends the child itself has the last word") {
        const auto seen = support::run_captured([] {
            return code_of([] {
                std::atexit([] { ::_exit(5); });
            });
        });
        REQUIRE(seen.code == 5);
    }
}

TEST_CASE("fork: the standard streams") {
    SECTION("what the parent had buffered is written once, before what the child writes") {
        const auto seen = support::run_captured([] {
            std::printf("parent's 1;");
            std::cout << "parent's 2;";
            const int code = code_of([] {
                std::printf("child's 1;");
                std::cout << "child's 2;";
            });
            std::printf("parent's 3;");
            return code;
        });
        REQUIRE(seen.code == 0);
        REQUIRE(seen.out == "parent's 1;parent's 2;child's 1;child's 2;parent's 3;");
    }
    SECTION("what the child had buffered is written when it ends by std::exit or an exception") {
        const auto seen = support::run_captured([] {
            code_of([] {
                std::printf("1;");
                std::exit(0);
            });
            code_of([] {
                std::cout << "2;";
                throw 7;
            });
        });
        REQUIRE(seen.out == "1;2;");
    }
    SECTION("the child's input is empty, and the parent's untouched") {
        const auto seen = support::run_captured([] {
            std::array<int, 2> ends{};
            expect(::pipe(ends.data()) == 0);
            expect(::write(ends[1], "word another\n", 13) == 13);
            ::close(ends[1]);
            ::dup2(ends[0], STDIN_FILENO);
            ::close(ends[0]);
            const int code = code_of([] {
                char byte = 0;
                expect(::read(STDIN_FILENO, &byte, 1) == 0);
                expect(std::getchar() == EOF);
                std::string word;
                expect(!(std::cin >> word));
            });
            std::string word;
            std::cin >> word;
            std::printf("%s", word.c_str());
            return code;
        });
        REQUIRE(seen.err.empty());
        REQUIRE(seen.code == 0);
        REQUIRE(seen.out == "word");
    }
    SECTION("nor is there in it what the parent had read ahead") {
        for (const bool synchronized : {true, false}) {
            const auto seen = support::run_captured([synchronized] {
                std::array<int, 2> ends{};
                expect(::pipe(ends.data()) == 0);
                expect(::write(ends[1], "word another third\n", 19) == 19);
                ::close(ends[1]);
                ::dup2(ends[0], STDIN_FILENO);
                ::close(ends[0]);
                std::ios::sync_with_stdio(synchronized);
                std::string word;
                std::cin >> word;
                const int code = code_of([] {
                    expect(std::getchar() == EOF, "nothing by the C library");
                    std::string next;
                    expect(!(std::cin >> next), "nothing by a stream");
                });
                std::cin >> word;
                std::printf("%s", word.c_str());
                return code;
            });
            CAPTURE(synchronized);
            REQUIRE(seen.err.empty());
            REQUIRE(seen.code == 0);
            REQUIRE(seen.out == "another");
        }
    }
}

// Taken out once, to see it fail, in the compiled form: what is done around a fork, as long as the library's static objects are not made ("first: 100; had 1,
// owner died 0": the child had its parent's lock), and the making of the streams (a segmentation fault).
TEST_CASE("fork: before main, by an object that is made before the library's own") {
    support::program one("forks_before_main");
    REQUIRE(one.read_all() == "first: 1; had 1, owner died 1\nearly: 1; had 1, owner died 1\nlater: 1; had 1, owner died 1\n");
    REQUIRE(one.wait() == 0);
}

TEST_CASE("a Process whose destructor waits for long says for whom, once, and waits on") {
    const auto seen = support::run_captured([] {
        int ends[2];
        support::expect(::pipe(ends) == 0 && ::dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
        static_cast<void>(mp::fork({.name = "worker"}, [&] { // which ends when it has been told of
            char line[300];
            const ::ssize_t size = ::read(ends[0], line, sizeof(line));
            std::printf("told: %.*s", static_cast<int>(size), line);
        }));
        std::printf("and had\n");
        return 0;
    });
    REQUIRE(seen.code == 0);
    REQUIRE(seen.out.find("told: multiprocessing: the end of a Process, or of this one, has waited 5 s for its child worker (pid ") != std::string::npos);
    REQUIRE(seen.out.find("and had") != std::string::npos);
}

TEST_CASE("fork: when there can be no child") {
    const auto refused = [] {
        try {
            auto process = mp::fork([] {});
            process.join();
        } catch (const std::system_error&) {
            return true;
        }
        return false;
    };
    const auto no_children = [] { return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD; };

    SECTION("because no descriptor is left, nothing has happened") {
        REQUIRE(support::run_child([&] {
                    const mp::SharedValue<int> value(1);
                    const std::string before = mp::fork([] {}).name();
                    const auto open = support::open_descriptors();
                    support::limit(RLIMIT_NOFILE, 0);
                    expect(refused());
                    support::limit(RLIMIT_NOFILE, 256);
                    expect(no_children());
                    expect(support::open_descriptors() == open);
                    const auto next = mp::fork([&] { value += 1; });
                    // Nor is there a number missing.
                    expect(std::stoi(next.name().substr(next.name().find_last_of("-:") + 1)) ==
                           std::stoi(before.substr(before.find_last_of("-:") + 1)) + 1);
                    next.join();
                    expect(next.exitcode() == 0);
                    expect(value.value() == 2);
                }) == 0);
    }
    SECTION("because no process is left, nothing has happened") {
        REQUIRE(support::run_child([&] {
                    const mp::SharedValue<int> value(1);
                    expect(code_of([] {}) == 0);
                    const auto open = support::open_descriptors();
                    if (::getuid() == 0) { // whom the limit does not bind
                        expect(::setuid(65534) == 0);
                    }
                    support::limit(RLIMIT_NPROC, 0);
                    expect(refused());
                    expect(no_children());
                    expect(support::open_descriptors() == open);
                    expect((value += 1) == 2);
                }) == 0);
    }
}
