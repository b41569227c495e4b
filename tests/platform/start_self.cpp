#include "support/catch.hpp"
#include "support/roles.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/start_self.hpp>

#include <csignal>
#include <cstdlib>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

// What is the same on every system is in tests/conformance/start_self.cpp.

namespace platform = multiprocessing::platform;

namespace {

const support::role looks_at_itself("start_self: looks at itself", [](support::props given) {
    support::ensure(platform::started_by_self());
    support::ensure(platform::inherited_handle(platform::handed_over::message) == 3);
    support::ensure(platform::inherited_handle(platform::handed_over::life_registry) == 4);
    for (std::size_t i = 0; i < given.size(); ++i) {
        support::ensure(given[i] == 5 + static_cast<int>(i));
        support::ensure((::fcntl(given[i], F_GETFD) & FD_CLOEXEC) != 0);
    }
    support::ensure(::fcntl(5 + static_cast<int>(given.size()), F_GETFD) == -1);
    support::ensure(std::getenv("MULTIPROCESSING_HANDED_OVER") == nullptr);
    char byte = 0;
    support::ensure(::read(STDIN_FILENO, &byte, 1) == 0);
    // A fork of it was handed nothing, for it is not a process that start_self made.
    support::ensure(support::run_child([] { support::expect(platform::inherited_handles().empty() && !platform::started_by_self()); }) == 0);
    support::ensure(platform::started_by_self());
});

} // namespace

TEST_CASE("start_self, as descriptors") {
    SECTION("are numbered from 3 on, whatever numbers they have here") {
        std::vector<platform::owned_handle> mine;
        std::vector<platform::native_handle> given;
        for (const int number : {100, 3, 50, 7, 4}) {
            mine.emplace_back(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, number));
            given.push_back(mine.back().get());
        }
        given.push_back(given.front()); // the same one twice
        REQUIRE(support::actor(looks_at_itself, given).wait() == 0);
    }
    SECTION("of which one is none: an error, and no child") {
        const std::vector<platform::native_handle> none{-1};
        REQUIRE_THROWS_AS(platform::start_self(none), std::system_error);
    }
    SECTION("without a standard input of its own, or an output") {
        REQUIRE(support::run_child([] {
                    ::close(STDIN_FILENO);
                    ::close(STDOUT_FILENO);
                    support::expect(support::actor(looks_at_itself).wait() == 0);
                }) == 0);
    }
}
