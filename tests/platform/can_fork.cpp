#include "support/catch.hpp"

#include <multiprocessing/platform/can_fork.hpp>
#include <multiprocessing/platform/system.hpp>

TEST_CASE("platform::can_fork") {
    STATIC_REQUIRE(multiprocessing::platform::can_fork == (MULTIPROCESSING_POSIX == 1));
}
