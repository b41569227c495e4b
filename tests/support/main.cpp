// The test program's main, ours so that it is the same with Catch2 2 and Catch2 3, and so that a process which a test has started
// does what it was started for and nothing else.
#define CATCH_CONFIG_RUNNER // Catch2 2 puts its implementation where this is defined; Catch2 3 has it in a library
#include "support/catch.hpp"
#include "support/roles.hpp"
#include "support/start.hpp"
#include "support/surroundings.hpp"

#include <multiprocessing/platform/start_self.hpp>
#include <multiprocessing/process/run_if_spawned.hpp>

#include <cstdio>

int main(int argc, char** argv) {
    if (multiprocessing::platform::started_by_self()) {
        support::limit_lifetime();
    }
    support::program_arguments().assign(argv, argv + argc);
    if (const auto role = support::assigned_role()) { // whose message is not spawn's: run_if_spawned would let it through to the tests
        return support::play(*role);
    }
    multiprocessing::run_if_spawned();
    if (!support::make_surroundings()) {
        std::fputs("MULTIPROCESSING_TEST_SURROUNDINGS is closed_streams, held_stdin, few_descriptors or byte_locks, on POSIX\n", stderr);
        return 2;
    }
    return Catch::Session().run(argc, argv);
}
