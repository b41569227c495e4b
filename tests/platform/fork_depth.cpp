// Taken out (current() always 0), and it failed; as did "unlink_on_destroy: a forked child's copy takes nothing away" of robustness/named_objects.
#include "support/catch.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/fork.hpp>
#include <multiprocessing/platform/fork_depth.hpp>

namespace platform = multiprocessing::platform;
using platform::fork_depth;
using support::expect;

TEST_CASE("fork_depth: of those who have memory in common, each has one of its own") {
    const auto here = fork_depth::current();
    SECTION("a bare fork") {
        REQUIRE(support::run_child([&] {
                    expect(fork_depth::current() == here + 1);
                    expect(support::run_child([&] { expect(fork_depth::current() == here + 2); }) == 0);
                    expect(fork_depth::current() == here + 1);
                }) == 0);
    }
    SECTION("the library's own") {
        const auto child = platform::fork_child([&] { return fork_depth::current() == here + 1 ? 0 : 1; });
        REQUIRE(child->wait_until(platform::no_deadline));
        REQUIRE(*child->exit_status() == 0);
    }
    REQUIRE(fork_depth::current() == here);
}
