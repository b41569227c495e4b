// Of the one copy that a test program has; of several: tests/copies.
#include "support/catch.hpp"

#include <multiprocessing/platform/loaded_copies.hpp>

#include <string>
#include <string_view>

namespace platform = multiprocessing::platform;

TEST_CASE("loaded_copies finds this one, once, in the program") {
    int all = 0;
    std::string path = "nothing was found";
    platform::loaded_copies::for_each([&](const platform::library_copy& each, platform::loaded_copies::module module) {
        ++all;
        REQUIRE(&each == &platform::loaded_copies::mine());
        path = platform::loaded_copies::path_of(module);
    });
    REQUIRE(all == 1);
    REQUIRE(path.empty());
}

TEST_CASE("loaded_copies: this one says its layout") {
    REQUIRE(std::string_view(platform::loaded_copies::mine().layout.text) == platform::layout_of_states.text);
}
