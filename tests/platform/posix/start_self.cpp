#include "support/catch.hpp"

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/posix/start_self.hpp>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using multiprocessing::platform::owned_handle;
using multiprocessing::platform::posix::spawn_actions;

namespace {

/// The numbers of the descriptors that a program has which is started so. (What it lists them by is one of them.)
template <class Tell>
std::vector<int> descriptors_of_started(Tell tell) {
    int ends[2]; // NOLINT(*-avoid-c-arrays): it is filled in
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const owned_handle reader(ends[0]);
    owned_handle writer(ends[1]);
    spawn_actions actions;
    actions.duplicate(writer.get(), STDOUT_FILENO);
    tell(actions);
    std::string ls = "ls";
    std::string where = "/proc/self/fd";
    char* const arguments[]{ls.data(), where.data(), nullptr}; // NOLINT(*-avoid-c-arrays): as exec takes them
    ::pid_t pid = 0;
    REQUIRE(::posix_spawnp(&pid, "ls", actions.get(), nullptr, arguments, ::environ) == 0);
    writer = owned_handle();
    std::string text;
    char part[256]; // NOLINT(*-avoid-c-arrays)
    for (::ssize_t length = 0; (length = ::read(reader.get(), part, sizeof(part))) > 0;) {
        text.append(part, static_cast<std::size_t>(length));
    }
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    REQUIRE(status == 0);
    std::istringstream words(text);
    std::vector<int> numbers;
    for (int number = 0; words >> number;) {
        numbers.push_back(number);
    }
    return numbers;
}

} // namespace

TEST_CASE("start_self: a C library that cannot close all descriptors from one on closes those that are open") {
    // Two that a program inherits if nobody closes them, the second of them where a duplicate goes, and one that is beyond all of these.
    const owned_handle low(::fcntl(STDERR_FILENO, F_DUPFD, 20));
    const owned_handle high(::fcntl(STDERR_FILENO, F_DUPFD, 60));
    const int source = low.get();
    const int between = low.get() + 3;
    const auto seen_by = [&](bool each) {
        return descriptors_of_started([&](spawn_actions& actions) {
            actions.duplicate(source, between);
            actions.duplicate(between, 3);
            each ? actions.close_each_from(4) : actions.close_from(4);
        });
    };
    const std::vector<int> wanted{0, 1, 2, 3, 4}; // the last is that of ls
    CHECK(seen_by(true) == wanted);
    CHECK(seen_by(false) == wanted);
    const auto all = descriptors_of_started([](spawn_actions&) {});
    CHECK(std::count(all.begin(), all.end(), low.get()) == 1);
    CHECK(std::count(all.begin(), all.end(), high.get()) == 1);
}
