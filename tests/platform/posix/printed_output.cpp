// Taken out once, and what failed: the lock that is asked for and not waited for (fflush(nullptr) in its place): "a thread that reads", in the parent and in the
// child; that the child forgets what is in the C library's streams: "written by the parent alone", "does not wait for who prints"; what is in std::cout: "not
// synchronised"; that the parent leaves std::cout alone: "tears no line", "a buffer of the program's own".
#include "support/catch.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/fork.hpp>
#include <multiprocessing/platform/posix/printed_output.hpp>
#include <multiprocessing/process/spawn.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <streambuf>
#include <string>
#include <thread>

#include <sys/mman.h>
#include <unistd.h>

namespace platform = multiprocessing::platform;
using support::expect;

namespace {

/// The exit code of a child of the library's.
template <class Run>
int code_of(Run run) {
    const auto child = platform::fork_child([&] { return support::exit_code_of(run); });
    return child->wait_until(platform::no_deadline) ? *child->exit_status() : -1;
}

/// A thread that reads a stream to which nobody ever writes, and so holds its lock.
class reader {
public:
    explicit reader(std::FILE* stream) {
        std::thread([this, stream] {
            number_ = ::gettid();
            std::fgetc(stream);
        }).detach();
        expect(support::eventually([&] { return number_ != 0 && support::state_of(number_) == 'S' && ::ftrylockfile(stream) != 0; }));
    }

private:
    std::atomic<int> number_{0};
};

std::string text_of(int file) {
    std::string all(static_cast<std::size_t>(::lseek(file, 0, SEEK_END)), '\0');
    return ::pread(file, all.data(), all.size(), 0) == static_cast<::ssize_t>(all.size()) ? all : "(unreadable)";
}

} // namespace

TEST_CASE("printed_output: a thread that reads holds up no fork, no spawn, and no child's end") {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    SECTION("from standard input") {
        const auto seen = support::run_captured([&] {
            ::dup2(ends[0], STDIN_FILENO);
            const reader one(stdin);
            std::printf("parent;");
            expect(code_of([] { std::printf("child;"); }) == 0);
            auto spawned = multiprocessing::spawn<[] { std::printf("spawned;"); }>();
            spawned.join();
            expect(spawned.exitcode() == 0);
            ::_exit(0); // the test's own flush would wait for the thread that reads
        });
        REQUIRE(seen.err.empty());
        REQUIRE(seen.code == 0);
        REQUIRE(seen.out == "parent;child;spawned;");
    }
    SECTION("from a pipe, in the child as well") {
        const auto seen = support::run_captured([&] {
            std::FILE* const pipe = ::fdopen(ends[0], "r");
            const reader one(pipe);
            std::printf("parent;");
            expect(code_of([&] {
                       const reader another(pipe);
                       std::printf("child;");
                   }) == 0);
            ::_exit(0);
        });
        REQUIRE(seen.err.empty());
        REQUIRE(seen.code == 0);
        REQUIRE(seen.out == "parent;child;");
    }
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST_CASE("printed_output: a fork does not wait for who prints, and the child has stdout") {
    const auto seen = support::run_captured([] {
        std::printf("parent;");
        std::atomic<bool> locked{false};
        std::atomic<bool> enough{false};
        std::thread printing([&] {
            ::flockfile(stdout);
            locked = true;
            while (!enough) {
                std::this_thread::yield();
            }
            ::funlockfile(stdout);
        });
        while (!locked) {
            std::this_thread::yield();
        }
        expect(code_of([] { std::printf("child;"); }) == 0);
        enough = true;
        printing.join();
    });
    REQUIRE(seen.err.empty());
    REQUIRE(seen.code == 0);
    REQUIRE(seen.out == "child;parent;"); // each once
}

TEST_CASE("printed_output: what was buffered at the fork is written by the parent alone") {
    SECTION("in a file of the program's own, by the C library") {
        const int file = ::memfd_create("file", MFD_CLOEXEC);
        REQUIRE(support::run_child([&] {
                    std::FILE* const log = ::fdopen(::dup(file), "w");
                    std::fprintf(log, "parent;");
                    expect(code_of([&] { std::fprintf(log, "child;"); }) == 0); // and does not close it
                    std::fclose(log);
                }) == 0);
        REQUIRE(text_of(file) == "child;parent;");
        ::close(file);
    }
    SECTION("in std::cout that is not synchronised with the C library") {
        const auto seen = support::run_captured([] {
            std::ios::sync_with_stdio(false);
            std::cout << "parent;";
            std::wclog << L"log of parent;";
            expect(code_of([] {
                       std::cout << "child;";
                       std::wclog << L"log of child;";
                   }) == 0);
            std::wclog.flush();
        });
        REQUIRE(seen.code == 0);
        REQUIRE(seen.out == "child;parent;");
        REQUIRE(seen.err == "log of child;log of parent;");
    }
}

TEST_CASE("printed_output: a child's end leaves the parent's place in a file that it reads") {
    const int file = ::memfd_create("file", MFD_CLOEXEC);
    std::string lines;
    for (int i = 0; i < 1'000; ++i) {
        lines += std::to_string(i) + "\n";
    }
    REQUIRE(::write(file, lines.data(), lines.size()) == static_cast<::ssize_t>(lines.size()));
    REQUIRE(::lseek(file, 0, SEEK_SET) == 0);
    REQUIRE(support::run_child([&] {
                std::FILE* const input = ::fdopen(file, "r");
                for (int i = 0; i < 1'000; ++i) {
                    char line[16];
                    expect(std::fgets(line, sizeof(line), input) == line && line == std::to_string(i) + "\n", "one line after the other");
                    if (i % 100 == 11) {
                        expect(code_of([] {}) == 0);
                    }
                }
            }) == 0);
    ::close(file);
}

TEST_CASE("printed_output: what was written to memory is the child's as well") {
    REQUIRE(support::run_child([] {
                char text[64] = {};
                std::FILE* const memory = ::fmemopen(text, sizeof(text), "w");
                std::fprintf(memory, "parent;");
                expect(code_of([&] {
                           std::fprintf(memory, "child;");
                           std::fclose(memory);
                           expect(text == std::string("parent;child;"));
                       }) == 0);
            }) == 0);
}

TEST_CASE("printed_output: what a child prints is written though another thread of it prints to the same file when it ends") {
    const int file = ::memfd_create("file", MFD_CLOEXEC);
    REQUIRE(support::run_child([&] {
                for (int i = 0; i < 20; ++i) {
                    expect(code_of([&] {
                               static std::FILE* log = nullptr;
                               log = ::fdopen(::dup(file), "a");
                               static std::atomic<bool> prints{false};
                               std::thread([] {
                                   for (;;) {
                                       ::flockfile(log);
                                       std::fputs("line\n", log);
                                       prints = true;
                                       ::funlockfile(log);
                                   }
                               }).detach();
                               while (!prints) {
                                   std::this_thread::yield();
                               }
                               std::fprintf(log, "RESULT");
                           }) == 0);
                }
            }) == 0);
    REQUIRE(support::count_of("RESULT", text_of(file)) == 20);
    ::close(file);
}

// A logger as programs have them: lines by std::cout, under a mutex of the program's own.
TEST_CASE("printed_output: a fork tears no line that another thread prints") {
    const std::string line = "a line of text\n";
    constexpr std::size_t most = 2'000'000;
    const int out = ::memfd_create("out", MFD_CLOEXEC);
    const support::shared<std::size_t> lines(std::size_t{0});
    REQUIRE(support::run_child([&] {
                ::dup2(out, STDOUT_FILENO);
                std::ios::sync_with_stdio(false);
                std::mutex mutex;
                std::atomic<bool> enough{false};
                std::thread logger([&] {
                    while (!enough && *lines < most) {
                        const std::lock_guard guard(mutex);
                        std::cout << line;
                        ++*lines;
                    }
                });
                for (int i = 0; i < 60; ++i) {
                    expect(code_of([] {}) == 0);
                }
                enough = true;
                logger.join();
                std::cout.flush();
            }) == 0);
    const std::string text = text_of(out);
    ::close(out);
    REQUIRE(text.size() == *lines * line.size());
    REQUIRE(static_cast<std::size_t>(support::count_of(line, text)) == *lines);
}

TEST_CASE("printed_output: a buffer of the program's own is not called, which may wait for what another thread of the parent held") {
    struct guarded : std::streambuf {
        std::mutex mutex;
        int sync() override {
            const std::lock_guard guard(mutex);
            return 0;
        }
    };
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    REQUIRE(::write(ends[1], "word another\n", 13) == 13);
    REQUIRE(support::run_child([&] {
                static guarded buffer;
                std::ios::sync_with_stdio(false);
                ::dup2(ends[0], STDIN_FILENO);
                std::string word;
                std::cin >> word; // reads ahead; std::cout is tied to it
                std::cout.rdbuf(&buffer);
                buffer.mutex.lock(); // as if by another thread: nobody unlocks it in the child
                expect(code_of([] {}) == 0);
                buffer.mutex.unlock();
                std::cout.rdbuf(nullptr);
            }) == 0);
    ::close(ends[0]);
    ::close(ends[1]);
}
