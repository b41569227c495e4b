#include "support/catch.hpp"

#include <multiprocessing/process/process_options.hpp>

TEST_CASE("process_options") {
    REQUIRE(multiprocessing::process_options{}.name.empty());
    const multiprocessing::process_options named{.name = "worker"};
    REQUIRE(named.name == "worker");
}
