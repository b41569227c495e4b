#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/fork.hpp>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <system_error>

#include <unistd.h>

namespace platform = multiprocessing::platform;

TEST_CASE("can_fork") {
    REQUIRE(platform::can_fork == (MULTIPROCESSING_POSIX == 1));
}

TEST_CASE("fork_child") {
    const auto before = support::open_descriptors();

    SECTION("returns the child, which ends with what its function returned") {
        const auto child = platform::fork_child([] {
            return 7;
        });
        REQUIRE(child->number() > 0);
        REQUIRE(child->number() != ::getpid());
        REQUIRE(child->wait_until(platform::no_deadline));
        REQUIRE(child->exit_status() == 7);
    }
    SECTION("writes once what was buffered, on every stream") {
        const auto seen = support::run_captured([] {
            std::printf("by the C library;");
            std::cout << "by a stream;";
            std::clog << "by a log;";
            const auto child = platform::fork_child([] {
                std::printf("child;");
                std::cout << "child's stream;";
                return 0;
            });
            support::expect(child->wait_until(platform::no_deadline));
            std::printf("after;");
        });
        REQUIRE(seen.code == 0);
        REQUIRE(seen.out == "by the C library;by a stream;child;child's stream;after;");
        REQUIRE(seen.err == "by a log;");
    }
    SECTION("leaves nothing behind when there can be no child") {
        REQUIRE(support::run_child([] {
                    const auto open = support::open_descriptors();
                    support::limit(RLIMIT_NOFILE, 0);
                    bool refused = false;
                    try {
                        static_cast<void>(platform::fork_child([] { return 0; }));
                    } catch (const std::system_error& error) {
                        refused = error.code() == std::errc::too_many_files_open;
                    }
                    support::limit(RLIMIT_NOFILE, 256);
                    support::expect(refused);
                    support::expect(support::open_descriptors() == open);
                    support::expect(::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD, "there is no child");
                }) == 0);
    }
    REQUIRE(support::open_descriptors() == before);
}
