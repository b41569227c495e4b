// What a spawned child inherits, that nothing stays of many, and that none outlives what it should not: as POSIX shows it.
#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/program.hpp"
#include "support/run.hpp"
#include "support/soak.hpp"
#include "support/start.hpp"

#include <multiprocessing/process/current_process.hpp>
#include <multiprocessing/process/spawn.hpp>
#include <multiprocessing/reduction/cereal.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/sharedctypes/with_lock.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>
#include <tuple>
#include <variant>
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
    SECTION("when there is no descriptor left, wherever that is found out: there is no child, an error says so, and nothing has happened") {
        REQUIRE(support::run_child([] {
                    const mp::SharedValue<int> value(0);
                    const auto before = support::open_descriptors();
                    int refused = 0;
                    for (bool done = false; !done;) {
                        support::limit(RLIMIT_NOFILE, before + static_cast<::rlim_t>(refused));
                        try {
                            must(support::exit_code(mp::spawn<[](const mp::SharedValue<int>& theirs) { theirs += 1; }>(value)) == 0);
                            done = true;
                        } catch (const std::system_error&) {
                            ++refused;
                            support::limit(RLIMIT_NOFILE, 256); // to look
                            must(value.value() == 0);
                            must(support::open_descriptors() <= before + 2); // a lease
                        }
                    }
                    support::limit(RLIMIT_NOFILE, 256);
                    must(refused > 1);
                    must(value.value() == 1);
                    must(support::open_descriptors() <= before + 2);
                }) == 0);
    }
}

namespace {

/// Which signals are blocked in the calling thread, and which are ignored, as /proc shows them; but for the two that are the C library's own.
std::string blocked_and_ignored() {
    constexpr auto of_the_c_library = std::uint64_t{3} << 31;
    std::ifstream file("/proc/thread-self/status");
    std::string found;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("SigBlk:") || line.starts_with("SigIgn:")) {
            found += std::to_string(std::stoull(line.substr(7), nullptr, 16) & ~of_the_c_library) + ' ';
        }
    }
    return found;
}

constexpr auto no_signals = "0 0 ";

void block_and_ignore_all() {
    ::sigset_t all;
    ::sigfillset(&all);
    ::sigdelset(&all, SIGALRM); // the child's limit of time
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
    for (int signal = 1; signal <= SIGRTMAX; ++signal) {
        if (signal != SIGALRM && signal != SIGCHLD) {
            std::signal(signal, SIG_IGN);
        }
    }
}

} // namespace

// Fails without spawn_attributes, and the last without ignored_at_start: a child does not end, and has the signals of its parent.
TEST_CASE("a spawned child has no signal blocked or ignored") {
    SECTION("of those that its parent blocks and ignores, so that terminate and interrupt end it") {
        REQUIRE(support::run_child([] {
                    block_and_ignore_all();
                    const std::string before = blocked_and_ignored();
                    for (const bool daemon : {false, true}) {
                        const auto child = mp::spawn<[] {
                            must(blocked_and_ignored() == no_signals, blocked_and_ignored().c_str());
                            support::stay_alive();
                        }>({.daemon = daemon});
                        child.terminate();
                        must(support::exit_code(child) == -SIGTERM);
                    }
                    const auto child = mp::spawn<support::stay_alive>();
                    child.interrupt();
                    must(support::exit_code(child) == -SIGINT);
                    must(blocked_and_ignored() == before, "in the parent nothing has changed");
                }) == 0);
    }
    SECTION("unless it is asked to inherit them") {
        if (support::sanitized) {
            return; // a sanitizer's program has handlers of its own
        }
        REQUIRE(support::run_child([] {
                    block_and_ignore_all();
                    const auto child = mp::spawn<[](const std::string& parents) { must(blocked_and_ignored() == parents); }>({.inherit_signals = true},
                                                                                                                            blocked_and_ignored());
                    must(support::exit_code(child) == 0);
                }) == 0);
    }
    SECTION("but for SIGHUP, SIGINT and SIGQUIT where the program was started to ignore them, as by nohup") {
        REQUIRE(support::run_child([] {
                    for (const int signal : {SIGHUP, SIGTERM, SIGUSR1}) {
                        std::signal(signal, SIG_IGN);
                    }
                    const auto started_so = mp::spawn<[] {
                        std::signal(SIGINT, SIG_IGN); // this one is its own doing
                        const auto grandchild = mp::spawn<[] {
                            must(blocked_and_ignored() == "0 1 ", blocked_and_ignored().c_str()); // the first, SIGHUP
                        }>();
                        must(support::exit_code(grandchild) == 0);
                        std::signal(SIGHUP, SIG_DFL);
                        const auto another = mp::spawn<[] { must(blocked_and_ignored() == no_signals, blocked_and_ignored().c_str()); }>();
                        must(support::exit_code(another) == 0);
                    }>({.inherit_signals = true});
                    must(support::exit_code(started_so) == 0);
                }) == 0);
    }
}

// Fails without own_program: "the dynamic linker" without the change of its argument, valgrind without the path of what is mapped.
TEST_CASE("a program that something else has loaded spawns itself") {
    if (support::sanitized) {
        return; // a sanitizer's program starts under neither
    }
    const std::string file = MULTIPROCESSING_TEST_CHILDREN "/moves_and_spawns";
    const std::string relative = std::filesystem::relative(file).string();
    const auto require_well = [](program one) {
        const std::string out = one.read_all();
        CHECK(one.wait() == 0);
        REQUIRE(out == "child 1\nparent 1, exit code 0\n");
    };
    SECTION("no other: for comparison") { require_well(program::at(relative, {"an argument"})); }
    SECTION("the dynamic linker, with options of its own, or without") {
        std::string linker;
        std::ifstream maps("/proc/self/maps");
        for (std::string line; std::getline(maps, line);) {
            if (const auto at = line.find("/ld-linux"); at != std::string::npos) {
                linker = line.substr(line.find('/'));
            }
        }
        if (linker.empty()) {
            WARN("not tested: the dynamic linker as a command, as there is none");
            return;
        }
        require_well(program::at(linker, {relative, "an argument"}));
        require_well(program::at(linker, {"--library-path", "/lib:/usr/lib", relative, "an argument"}));
        require_well(program::at(linker, {"--argv0", relative, relative, "an argument"}));

        // Another one that has the name of the removed program is not started.
        char folder[] = "/tmp/multiprocessing-XXXXXX";
        REQUIRE(::mkdtemp(folder) != nullptr);
        const std::string copied = std::string(folder) + "/program";
        std::filesystem::copy_file(file, copied);
        program removed = program::at(linker, {copied, "removed"});
        const std::string out = removed.read_all();
        CHECK(removed.wait() == 0);
        std::filesystem::remove_all(folder);
        CHECK(out.find("which has been removed or replaced since: start it by its own name") != std::string::npos);
    }
    SECTION("valgrind") {
        const char* const valgrind = "/usr/bin/valgrind";
        if (::access(valgrind, X_OK) != 0) {
            WARN("not tested: valgrind, which is not installed");
            return;
        }
        require_well(program::at(valgrind, {"--tool=none", "-q", "--log-file=/dev/null", relative, "an argument"}));
        require_well(program::at(valgrind, {"--tool=none", "-q", "--log-file=/dev/null", "--trace-children=yes", relative, "an argument"}));
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

namespace {

/// One value, passed by every kind of argument that there is.
struct by_every_kind {
    explicit by_every_kind(int value)
        : number(value), text(std::to_string(value)), plain{value}, raw(value), raw_array{value, value}, word(value), many(plain),
          words{0, value}, letters(text), together(mp::with_lock(lock), plain), vector{mp::SharedValue<int>(value)}, choice(text) {
        map.emplace(text, mp::SharedArray<int>{value});
        cereal.number = value;
        cereal.rows.push_back(mp::SharedArray<int>{value});
    }

    using numbers = std::array<int, 16>;
    struct own_type {
        int number = 0;
        std::vector<mp::SharedArray<int>> rows;
        template <class Archive>
        void serialize(Archive& archive) {
            archive(number, rows);
        }
    };

    int number;
    std::string text;
    numbers plain;
    mp::RawValue<int> raw;
    mp::RawArray<int> raw_array;
    mp::SharedValue<int> word;
    mp::SharedValue<numbers> many;
    mp::SharedArray<int> words;
    mp::SharedArray<char> letters;
    mp::RLock lock;
    mp::SharedValue<numbers> together;
    std::vector<mp::SharedValue<int>> vector;
    std::map<std::string, mp::SharedArray<int>> map;
    std::optional<int> maybe = number;
    std::variant<int, std::string> choice;
    own_type cereal;
};

void check_every_kind(const mp::SharedValue<int>& well, int value, const std::string& text, const by_every_kind::numbers& plain,
                      const mp::RawValue<int>& raw, const mp::RawArray<int>& raw_array, const mp::SharedValue<int>& word,
                      const mp::SharedValue<by_every_kind::numbers>& many, const mp::SharedArray<int>& words,
                      const mp::SharedArray<char>& letters, const mp::RLock& lock, const mp::SharedValue<by_every_kind::numbers>& together,
                      const std::vector<mp::SharedValue<int>>& vector, const std::map<std::string, mp::SharedArray<int>>& map,
                      std::optional<int> maybe, const std::tuple<std::variant<int, std::string>, by_every_kind::own_type>& rest) {
    must(text == std::to_string(value) && plain[0] == value);
    must(*raw == value && raw_array.size() == 2 && raw_array[1] == value);
    must(word.value() == value && many.value()[0] == value && words[1].value() == value && letters.value() == text);
    must(vector.size() == 1 && vector[0].value() == value && map.at(text)[0].value() == value && maybe == value);
    must(std::get<std::string>(std::get<0>(rest)) == text && std::get<1>(rest).number == value);
    must(std::get<1>(rest).rows.at(0)[0].value() == value);
    lock.lock();
    must(together.value()[0] == value);
    lock.unlock();
    // Nobody else has these any more; were their memory given to another, it would be damaged now.
    *raw = -1;
    raw_array[0] = -1;
    word = -1;
    many.update([](auto& all) { all.fill(-1); });
    words[0] = -1;
    vector[0] = -1;
    well += 1;
}

} // namespace

TEST_CASE("many spawned children of a process with busy threads", "[slow][soak]") {
    const int children = support::repetitions(200, 1000);
    const mp::SharedValue<int> counter(0);
    std::atomic<bool> enough{false};
    std::atomic<bool> damaged{false}; // by a child that was given memory which was given to another again
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&counter, &enough, &damaged] {
            for (unsigned n = 0; !enough; ++n) {
                const mp::RawArray<char> some(n % 5000);
                const mp::SharedValue<long> other(1);
                const std::string local(n % 3000, 'x');
                other += 1;
                damaged = damaged || other.value() != 2;
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
            const by_every_kind one(1000 + i + n); // gone here before the child looks, when spawn returns
            some.push_back(mp::spawn<check_every_kind>(counter, one.number, one.text, one.plain, one.raw, one.raw_array, one.word, one.many,
                                                       one.words, one.letters, one.lock, one.together, one.vector, one.map, one.maybe,
                                                       std::tuple(one.choice, one.cereal)));
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
    REQUIRE_FALSE(damaged);
}
