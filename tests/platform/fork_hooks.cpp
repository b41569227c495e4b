#include "support/catch.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/fork.hpp>
#include <multiprocessing/platform/fork_hooks.hpp>

#include <string>

namespace platform = multiprocessing::platform;

namespace {
std::string seen; // by this process and, as far as it is copied, its parents
}

// Hooks are for the life of a process, so they are registered in children.
TEST_CASE("on_fork") {
    const auto bare = [] { return support::run_child([] { support::expect(seen == "b2 b1 c1 c2 ", seen.c_str()); }); };
    const auto by_library = [] {
        const auto child = platform::fork_child([] {
            return seen == "b2 b1 c1 c2 " ? 0 : 1;
        });
        return child->wait_until(platform::no_deadline) ? *child->exit_status() : -1;
    };
    const auto with_hooks = [](auto fork) {
        return support::run_child([&] {
            support::expect(platform::on_fork([] { seen += "b1 "; }, [] { seen += "p1 "; }, [] { seen += "c1 "; }));
            support::expect(platform::on_fork(nullptr, nullptr, nullptr));
            support::expect(platform::on_fork([] { seen += "b2 "; }, [] { seen += "p2 "; }, [] { seen += "c2 "; }));
            support::expect(fork() == 0);
            support::expect(seen == "b2 b1 p1 p2 ", seen.c_str());
        });
    };

    SECTION("before a bare fork in reverse order, after it in order") {
        REQUIRE(with_hooks(bare) == 0);
    }
    SECTION("and so around the library's own") {
        REQUIRE(with_hooks(by_library) == 0);
    }
}
