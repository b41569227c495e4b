// A program that says what it finds itself started with: how many descriptors it was handed, whether the variable is there, what is open from 3 on,
// and whether it may spawn; with `whole`, after it has made its real user what its effective one is; with `drops`, after it has become nobody; with `garbage`, it does not
// try. `run PATH USER WORD`: as that user, it executes PATH, a copy of itself, with that word; `attack PATH USER WORD`: as `spawn` would to have `work` called.
#include <multiprocessing/multiprocessing.hpp>
#include <multiprocessing/platform/inherited_handles.hpp>
#include <multiprocessing/platform/posix/handed_over_list.hpp>
#include <multiprocessing/platform/posix/inherited_handles.hpp>
#include <multiprocessing/platform/trust.hpp>
#include <multiprocessing/process/detail/spawn_entry.hpp>
#include <multiprocessing/process/detail/spawn_message.hpp>
#include <multiprocessing/reduction/codec.hpp>
#include <multiprocessing/reduction/outgoing.hpp>
#include <multiprocessing/robust/life_registry.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mp = multiprocessing;
namespace platform = mp::platform;

// A program that was given more rights cannot be traced, which the leak checker of the address sanitizer would need.
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }

namespace {

constexpr ::uid_t nobody = 65'534;

void work() {
    std::printf("works as %d\n", static_cast<int>(::geteuid()));
    std::fflush(stdout);
}

/// Whether they were there before main, and are so as they were handed over.
void say() {
    std::printf("handed %zu, variable %s, trusts %d and %d, as %d of %d\n", platform::inherited_handles().size(),
                std::getenv("MULTIPROCESSING_HANDED_OVER") == nullptr ? "gone" : "there", platform::starter_is_trusted(),
                platform::next_start_is_trusted(), static_cast<int>(::geteuid()), static_cast<int>(::getuid()));
    for (int each = 3; each < 10; ++each) {
        struct ::stat about {};
        if (::fstat(each, &about) == 0) {
            std::printf("%d is %ju, flags %d\n", each, static_cast<std::uintmax_t>(about.st_ino), ::fcntl(each, F_GETFD));
        }
    }
}

int try_to_have_children() {
    try {
        mp::spawn<&work>().join();
    } catch (const std::exception& error) {
        std::printf("spawn: %s\n", error.what());
    }
    mp::fork([] { std::puts("forked"); }).join();
    return 0;
}

/// As start_self hands over, a message as spawn writes it.
void hand_over_a_message() {
    const auto& entry = mp::detail::spawn_entry<&work>::registered;
    mp::reduction::outgoing description;
    mp::reduction::encode(description, std::string(entry.name()));
    mp::reduction::encode(description, entry.offset());
    mp::reduction::encode(description, std::string("1"));
    mp::reduction::encode(description, std::string("Process-1"));
    mp::reduction::encode(description, false);
    mp::reduction::encode(description, std::int64_t{::getpid()});
    mp::reduction::encode(description, std::string("MainProcess"));
    static const auto message = mp::detail::write_spawn_message(description, false, 0); // whose own descriptor may be one of these numbers
    const std::vector<platform::native_handle> handles{message.object().handle(), mp::robust::life_registry::family().handle()};
    static const auto list = platform::posix::handed_over_list::write(handles);
    const int first = platform::posix::first_handed_over;
    std::vector<int> moved;
    for (const int each : {handles[0], handles[1], list.get()}) {
        moved.push_back(::fcntl(each, F_DUPFD, 50));
    }
    for (std::size_t i = 0; i < std::size(moved); ++i) {
        ::dup2(moved[i], first + static_cast<int>(i)); // without close-on-exec
        ::close(moved[i]);
    }
    ::setenv(platform::posix::handed_over_variable, "2", 1);
}

int execute(const char* path, ::uid_t user, const char* word) {
    if (::geteuid() != user && (::setgroups(0, nullptr) != 0 || ::setgid(user) != 0 || ::setuid(user) != 0)) {
        return 3;
    }
    ::execl(path, path, word, static_cast<char*>(nullptr));
    return 4;
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (argc == 5) {
        if (what == "attack") {
            hand_over_a_message();
            if (const ::pid_t child = ::fork(); child != 0) { // which is whom it is for
                int status = 0;
                return ::waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 7;
            }
        }
        return execute(argv[2], static_cast<::uid_t>(std::atoi(argv[3])), argv[4]);
    }
    say();
    std::fflush(stdout);
    mp::run_if_spawned();
    std::puts("in main");
    if (what == "whole" && ::setresuid(::geteuid(), ::geteuid(), ::geteuid()) != 0) {
        return 5;
    }
    if (what == "drops" && ::setresuid(nobody, nobody, nobody) != 0) {
        return 6;
    }
    return what == "garbage" ? 0 : try_to_have_children();
}
