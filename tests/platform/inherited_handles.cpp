// What a child finds that was handed something: tests/platform/start_self.cpp and tests/conformance/start_self.cpp. Here: what a program finds
// that was not, whatever its environment says.
//
// Taken out once, and what failed: the look at the list (handed_over_list::is_of): every case of "garbage"; the reading of the number (std::atoi in its
// place): "garbage"; who wrote it (is_for_this_process): "the child of who wrote it"; that start_self leaves out a variable of that name (exec_strings::environment_with): "spawn beside".
#include "support/catch.hpp"
#include "support/run.hpp"
#include "support/soak.hpp"
#include "support/start.hpp"

#include <multiprocessing/platform/inherited_handles.hpp>
#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/posix/handed_over_list.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mp = multiprocessing;
namespace platform = multiprocessing::platform;

namespace {

/// What is open in the program, from 3 on: as it stands in this process, under other numbers.
using opened = std::vector<int>;

enum class by { this_process, another_one };

support::outcome start_with(const std::string& value, const opened& files, by starter = by::this_process) {
    const auto start = [&] {
        std::vector<int> moved;
        for (const int each : files) {
            moved.push_back(::fcntl(each, F_DUPFD, 100));
        }
        for (int i = 3; i < 100; ++i) {
            ::close(i);
        }
        for (std::size_t i = 0; i < moved.size(); ++i) {
            ::dup2(moved[i], 3 + static_cast<int>(i));
            ::close(moved[i]);
        }
        ::setenv("MULTIPROCESSING_HANDED_OVER", value.c_str(), 1);
        const std::string path = MULTIPROCESSING_TEST_CHILDREN "/says_what_it_was_handed";
        ::execl(path.c_str(), path.c_str(), "garbage", static_cast<char*>(nullptr));
        return support::failed;
    };
    return support::run_captured([&] { return starter == by::this_process ? start() : support::run_child(start); });
}

/// What it says when it has started as if there were no variable, and no descriptor is touched.
std::string as_if_not_there(const opened& files) {
    std::string text = "handed 0, variable gone, trusts 1 and 1, as " + std::to_string(::geteuid()) + " of " + std::to_string(::getuid()) + "\n";
    for (std::size_t i = 0; i < files.size(); ++i) {
        struct ::stat about {};
        REQUIRE(::fstat(files[i], &about) == 0);
        text += std::to_string(3 + i) + " is " + std::to_string(about.st_ino) + ", flags 0\n";
    }
    return text + "in main\n";
}

void require_as_if_not_there(const std::string& value, const opened& files) {
    const support::outcome found = start_with(value, files);
    CAPTURE(value, files.size());
    REQUIRE(found.err.empty());
    REQUIRE(found.out == as_if_not_there(files));
    REQUIRE(found.code == 0);
}

/// Some of what a program may have open.
struct things {
    platform::owned_handle null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    platform::owned_handle memory{::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    platform::owned_handle in;
    platform::owned_handle out;

    things() {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        in.reset(ends[0]);
        out.reset(ends[1]);
        REQUIRE(::ftruncate(memory.get(), 96) == 0); // as a list of two would be
        REQUIRE(::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0);
    }
};

} // namespace

TEST_CASE("started_by_self") {
    REQUIRE_FALSE(platform::started_by_self());
    REQUIRE(platform::inherited_handles().empty());
}

TEST_CASE("MULTIPROCESSING_HANDED_OVER with garbage: the program starts as if it were not there") {
    const things open;
    const int memory = open.memory.get();
    const std::vector<opened> scenes{{}, {open.null.get(), open.in.get(), memory, open.out.get(), memory}};
    const std::vector<std::string> numbers{"0", "1", "2", "3", "4", "5", "7", "1000", "1048576", "2147483643", "2147483644", "2147483647", "2147483648",
                                           "4294967298", "18446744073709551618", "99999999999999999999999999999999"};
    const std::vector<std::string> others{"", " ", "-1", "-0", "-2147483648", "+2", " 2", "2 ", "2,", "2,2", "3,3,3,", "02", "00", "0x2", "2.0", "2e0", "\n2", "2\n",
                                          "two", "\x1b[2J", "\xff\xfe", "%n%n%s", std::string(100'000, '2'), std::string(1000, '-')};
    SECTION("numbers") {
        for (const opened& files : scenes) {
            for (const std::string& each : numbers) {
                require_as_if_not_there(each, files);
            }
        }
    }
    SECTION("what is no number") {
        for (const std::string& each : others) {
            require_as_if_not_there(each, scenes.back());
        }
    }
    SECTION("beside a true list of other descriptors, or of these in another order") {
        const std::vector<platform::native_handle> both{open.in.get(), open.out.get()};
        const auto list = platform::posix::handed_over_list::write(both);
        for (const char* each : {"0", "1", "2", "3", "02", " 2"}) {
            require_as_if_not_there(each, {open.out.get(), open.in.get(), list.get()});
            require_as_if_not_there(each, {list.get(), open.in.get(), open.out.get()});
            require_as_if_not_there(each, {open.in.get(), open.in.get(), list.get()});
        }
        for (const char* each : {"0", "1", "3", "02", " 2", "2 ", "-2", "+2"}) {
            require_as_if_not_there(each, {open.in.get(), open.out.get(), list.get()});
        }
        // And so that the list is seen to be what decides: a true one is believed, and is gone then. (Two would be taken for what a child needs.)
        const std::vector<platform::native_handle> one{open.in.get()};
        const support::outcome found = start_with("1", {one.front(), platform::posix::handed_over_list::write(one).get(), open.null.get()});
        REQUIRE_THAT(found.out, Catch::StartsWith("handed 1, variable gone") && Catch::Contains("\n3 is ") && !Catch::Contains("\n4 is "));
        REQUIRE(support::count_of(", flags 1", found.out) == 1);
        REQUIRE(support::count_of(", flags 0", found.out) == 1);
    }
}

TEST_CASE("MULTIPROCESSING_HANDED_OVER: a list is believed by the child of who wrote it") {
    const things open;
    const std::vector<platform::native_handle> one{open.in.get()};
    const auto is_believed = [](const support::outcome& found) { return found.code == 0 && found.out.starts_with("handed 1, variable gone"); };
    const auto list = platform::posix::handed_over_list::write(one);
    REQUIRE(is_believed(start_with("1", {one.front(), list.get()})));

    SECTION("and not by another one, to which that child has passed everything on") {
        const support::outcome found = start_with("1", {one.front(), list.get()}, by::another_one);
        REQUIRE(found.err.empty());
        REQUIRE(found.out == as_if_not_there({one.front(), list.get()}));
    }
    SECTION("also when who wrote it has ended since") {
        const support::shared<std::atomic<int>> number{0};
        support::child_process writer([&] {
            *number = platform::posix::handed_over_list::write(one).release();
            ::pause();
        });
        REQUIRE(support::eventually([&] { return *number != 0; }));
        const platform::owned_handle its(::open(("/proc/" + std::to_string(writer.pid()) + "/fd/" + std::to_string(*number)).c_str(), O_RDONLY | O_CLOEXEC));
        REQUIRE(its);
        REQUIRE_FALSE(is_believed(start_with("1", {one.front(), its.get()})));
        writer.send(SIGKILL);
        REQUIRE(support::eventually([&] { return support::state_of(writer.pid()) == 'Z'; }));
        REQUIRE(is_believed(start_with("1", {one.front(), its.get()}))); // before anybody has waited for it
        writer.wait();
        REQUIRE(is_believed(start_with("1", {one.front(), its.get()})));
    }
}

TEST_CASE("MULTIPROCESSING_HANDED_OVER with random garbage", "[soak]") {
    const unsigned seed = support::soak_seed();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto below = [&](unsigned end) { return static_cast<unsigned>(random()) % end; };
    const things open;
    const auto list = platform::posix::handed_over_list::write(std::vector<platform::native_handle>{open.in.get(), open.out.get()});
    const opened choice{open.null.get(), open.memory.get(), open.in.get(), open.out.get(), list.get()};
    const std::string likely = "0123456789-+ ,x\n";
    for (support::soak_rounds rounds(support::repetitions(100, 100)); rounds.next();) {
        std::string value;
        for (unsigned left = below(14); left > 0; --left) {
            value += below(4) != 0 ? likely[below(static_cast<unsigned>(likely.size()))] : static_cast<char>(1 + below(255));
        }
        opened files;
        for (unsigned left = below(7); left > 0; --left) {
            files.push_back(choice[below(static_cast<unsigned>(choice.size()))]);
        }
        const bool is_true = value == "2" && files.size() > 2 && opened(files.begin(), files.begin() + 3) == opened{open.in.get(), open.out.get(), list.get()};
        if (!is_true) {
            require_as_if_not_there(value, files);
        }
    }
}

TEST_CASE("spawn beside a variable MULTIPROCESSING_HANDED_OVER of the program's own") {
    constexpr const char* level = "MULTIPROCESSING_TEST_HAS_SPAWNED"; // a child that does not listen comes here, too, and is to be the last
    REQUIRE(std::getenv(level) == nullptr);
    REQUIRE(::setenv(level, "1", 1) == 0);
    REQUIRE(::setenv("MULTIPROCESSING_HANDED_OVER", "17", 1) == 0);
    const auto process = mp::spawn<[] { support::must(std::getenv("MULTIPROCESSING_HANDED_OVER") == nullptr); }>();
    REQUIRE(::unsetenv("MULTIPROCESSING_HANDED_OVER") == 0);
    REQUIRE(::unsetenv(level) == 0);
    REQUIRE(support::exit_code(process) == 0);
}
