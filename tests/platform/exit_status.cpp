#include "support/catch.hpp"

#include <multiprocessing/platform/exit_status.hpp>

TEST_CASE("unknown_exit_status") {
    // Neither an exit code (0 to 255) nor minus a signal (1 to 64), nor a Windows one that is seen (as unsigned, up to 2^32 - 1, NTSTATUS).
    REQUIRE(multiprocessing::platform::unknown_exit_status < -64);
}
