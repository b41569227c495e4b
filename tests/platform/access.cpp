#include <multiprocessing/platform/access.hpp>

#include "support/catch.hpp"

TEST_CASE("access is for reading and writing unless it is for reading alone") {
    REQUIRE(multiprocessing::platform::access{} == multiprocessing::platform::access::read_write);
    REQUIRE(multiprocessing::platform::access::read_only != multiprocessing::platform::access::read_write);
}
