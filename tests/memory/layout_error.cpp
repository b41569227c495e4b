#include "support/catch.hpp"

#include <multiprocessing/memory/layout_error.hpp>

#include <stdexcept>
#include <string>

TEST_CASE("LayoutError") {
    try {
        throw multiprocessing::LayoutError("both sides");
    } catch (const std::runtime_error& error) {
        REQUIRE(std::string(error.what()) == "both sides");
    }
}
