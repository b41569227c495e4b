// What a spawned child inherits, that nothing stays of many, and that none outlives what it should not: as POSIX shows it.
#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/program.hpp"
#include "support/run.hpp"
#include "support/sanitized.hpp"
#include "support/start.hpp"

#include <multiprocessing/process/current_process.hpp>
#include <multiprocessing/process/spawn.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mp = multiprocessing;
using namespace std::chrono_literals;
using support::must;
using support::program;

namespace {

/// What each descriptor of this process is: its number and what /proc calls it.
std::map<int, std::string> descriptors() {
    std::map<int, std::string> found;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code ignored;
        const auto target = std::filesystem::read_symlink(each, ignored).string();
        if (!target.starts_with("/proc/")) { // the folder that is being read
            found[std::stoi(each.path().filename().string())] = target;
        }
    }
    return found;
}

std::string command_line() {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> environment() {
    std::vector<std::string> all;
    for (char** each = ::environ; *each != nullptr; ++each) {
        all.emplace_back(*each);
    }
    return all;
}

std::vector<::pid_t> pids_in(const std::string& text) {
    std::istringstream in(text);
    std::vector<::pid_t> all;
    for (::pid_t one = 0; in >> one;) {
        all.push_back(one);
    }
    return all;
}

} // namespace

TEST_CASE("a spawned child inherits") {
    SECTION("the descriptors it was given, the standard streams, and no others") {
        const int inheritable = ::open("/dev/zero", O_RDONLY);
        const int high = ::fcntl(inheritable, F_DUPFD, 200);
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const mp::SharedValue<int> value(1);
        const mp::RawArray<char> large(1 << 22);
        const auto process = mp::spawn<[](const mp::SharedValue<int>& theirs, const mp::RawArray<char>&) {
            must(theirs.value() == 1);
            int others = 0;
            for (const auto& [number, what] : descriptors()) {
                if (number <= STDERR_FILENO) {
                    continue;
                }
                // The message, the registry of lives, the arenas of the two objects; a lease; the watch of the parent.
                const bool known = what.starts_with("/memfd:multiprocessing") || what.starts_with("pipe:") ||
                                   what.find("pidfd") != std::string::npos;
                must(known, what.c_str());
                must((::fcntl(number, F_GETFD) & FD_CLOEXEC) != 0, "another program would inherit it");
                ++others;
            }
            must(others <= 3 + 4, "too many descriptors");
            must(descriptors().at(STDIN_FILENO) == "/dev/null");
        }>(value, large);
        REQUIRE(support::exit_code(process) == 0);
        // Nor those that the parent opened at the numbers that the child's are given.
        for (const int each : {inheritable, high, ends[0], ends[1]}) {
            ::close(each);
        }
    }
    SECTION("an empty standard input, and the other streams") {
        const auto outcome = support::run_captured([] {
            const auto process = mp::spawn<[] {
                must(std::getchar() == EOF);
                std::puts("out");
                std::fputs("err\n", stderr);
            }>();
            return support::exit_code(process);
        });
        REQUIRE(outcome.code == 0);
        REQUIRE(outcome.out == "out\n");
        REQUIRE(outcome.err == "err\n");
    }
    SECTION("the same arguments and environment, without anything of ours") {
        ::setenv("MULTIPROCESSING_TEST_VARIABLE", "its value", 1);
        const auto process = mp::spawn<[](const std::string& arguments, const std::vector<std::string>& variables) {
            must(command_line() == arguments, "the arguments");
            must(environment() == variables, "the environment");
        }>(command_line(), environment());
        ::unsetenv("MULTIPROCESSING_TEST_VARIABLE");
        REQUIRE(support::exit_code(process) == 0);
    }
    SECTION("nothing that would make programs which it executes take themselves for spawned") {
        const auto process = mp::spawn<[] {
            must(std::system("env | grep -q MULTIPROCESSING_HANDED_OVER") != 0);
            // The same library in another program: a child of the child, which is none of a spawn's.
            program other("returns_at_once", {"/dev/null"});
            must(other.wait() == 0);
        }>();
        REQUIRE(support::exit_code(process) == 0);
    }
    SECTION("none of what is written but not yet sent") {
        const auto outcome = support::run_captured([] {
            std::printf("once;");
            const auto code = support::exit_code(mp::spawn<[] { std::printf("child;"); }>());
            std::printf("end;");
            return code;
        });
        REQUIRE(outcome.code == 0);
        REQUIRE(outcome.out == "once;child;end;");
    }
    SECTION("when there is no descriptor left: there is no child, an error says so, and nothing has happened") {
        REQUIRE(support::run_child([] {
                    const mp::SharedValue<int> value(0);
                    const auto before = support::open_descriptors();
                    support::limit(RLIMIT_NOFILE, before + 4);
                    bool refused = false;
                    try {
                        static_cast<void>(mp::spawn<[](const mp::SharedValue<int>& theirs) { theirs = 1; }>(value));
                    } catch (const std::system_error&) {
                        refused = true;
                    }
                    must(refused);
                    support::limit(RLIMIT_NOFILE, 256);
                    must(support::exit_code(mp::spawn<[](const mp::SharedValue<int>& theirs) { theirs = 2; }>(value)) == 0);
                    must(value.value() == 2);
                    must(support::open_descriptors() <= before + 2); // a lease
                }) == 0);
    }
}

TEST_CASE("exceptions that escape from a spawned child are printed") {
    const auto outcome = support::run_captured([] {
        return support::exit_code(mp::spawn<[] { throw std::runtime_error("on purpose"); }>({.name = "the one that throws"}));
    });
    REQUIRE(outcome.code == 1);
    REQUIRE(outcome.err == "Process the one that throws ended by std::runtime_error: on purpose\n");
    REQUIRE(support::run_captured([] { return support::exit_code(mp::spawn<[] { throw 1; }>()); }).err.find("not a std::exception") !=
            std::string::npos);
}

TEST_CASE("daemons end with their parent") {
    SECTION("within a second when it is killed, 50 times") {
        for (int i = 0; i < 50; ++i) {
            program parent("has_daemons", {"lives on"});
            const auto pids = pids_in(parent.read_until("end of pids\n"));
            REQUIRE(pids.size() == 4);
            for (const auto pid : pids) {
                REQUIRE(::kill(pid, 0) == 0);
            }
            REQUIRE(parent.kill() == -SIGKILL);
            for (const auto pid : pids) {
                REQUIRE(support::is_gone_within(pid, 1s));
            }
        }
    }
    SECTION("when it exits, which waits for its other children") {
        program parent("has_daemons", {"exits"});
        const std::string out = parent.read_all();
        const auto pids = pids_in(out);
        REQUIRE(pids.size() == 4);
        REQUIRE(parent.wait() == 0);
        REQUIRE(support::count_of("the child has worked\n", out) == 2);
        for (const auto pid : pids) {
            REQUIRE(support::is_gone_within(pid, 1s));
        }
    }
}

TEST_CASE("no zombie is left of spawned children, and no descriptor") {
    static_cast<void>(mp::spawn<[] {}>());
    const auto before = support::open_descriptors();
    for (int i = 0; i < 50; ++i) {
        auto process = mp::spawn<[] {}>();
        if (i % 2 == 0) {
            process.join();
            process.close();
        }
    }
    REQUIRE(::waitpid(-1, nullptr, WNOHANG) == -1);
    REQUIRE(errno == ECHILD);
    REQUIRE(support::open_descriptors() <= before + 2); // a lease
}

TEST_CASE("a thousand spawned children of a process with busy threads", "[slow]") {
    constexpr int children = sanitized ? 200 : 1000;
    const mp::SharedValue<int> counter(0);
    std::atomic<bool> enough{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&counter, &enough] {
            for (unsigned n = 0; !enough; ++n) {
                const mp::RawArray<char> some(n % 5000);
                const mp::SharedValue<long> other(1);
                const std::string local(n % 3000, 'x');
                other += 1;
                if (n % 8 == 0) {
                    counter.lock();
                    counter.unlock();
                }
            }
        });
    }
    int well = 0;
    for (int i = 0; i < children; i += 10) {
        std::vector<mp::Process> some;
        for (int n = 0; n < 10; ++n) {
            some.push_back(mp::spawn<[](const mp::SharedValue<int>& theirs, const std::string& text) {
                must(text == "some text");
                theirs += 1;
            }>(counter, "some text"));
        }
        for (const auto& each : some) {
            well += support::exit_code(each) == 0 ? 1 : 0;
        }
    }
    enough = true;
    for (auto& each : threads) {
        each.join();
    }
    REQUIRE(well == children);
    REQUIRE(counter.value() == children);
}
