#include "support/catch.hpp"

#include <multiprocessing/platform/inherited_handles.hpp>

// What a child finds that was handed something: tests/platform/start_self.cpp and tests/conformance/start_self.cpp.

TEST_CASE("started_by_self") {
    REQUIRE_FALSE(multiprocessing::platform::started_by_self());
    REQUIRE(multiprocessing::platform::inherited_handles().empty());
}
