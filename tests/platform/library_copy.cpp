#include "support/catch.hpp"

#include <multiprocessing/platform/library_copy.hpp>

#include <string_view>
#include <type_traits>

namespace platform = multiprocessing::platform;

TEST_CASE("library_copy: the layout of what copies share is a text with an end") {
    const std::string_view text = platform::layout_of_states.text;
    REQUIRE(text.size() > 1);
    REQUIRE(text.size() < sizeof(platform::layout_of_states.text));
    STATIC_REQUIRE(std::is_standard_layout_v<platform::library_copy>);
}
