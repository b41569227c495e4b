#include <multiprocessing/base/slice.hpp>

#include "support/catch.hpp"

#include <optional>
#include <stdexcept>
#include <string>

namespace detail = multiprocessing::detail;

namespace {

std::string chosen_of(const std::string& text, std::optional<std::ptrdiff_t> start, std::optional<std::ptrdiff_t> stop, std::ptrdiff_t step) {
    const auto chosen = detail::slice::of(text.size(), start, stop, step);
    std::string all;
    for (std::size_t i = 0; i < chosen.count; ++i) {
        all += text[chosen[i]];
    }
    return all;
}

} // namespace

// What CPython answers for every slice of a sequence is in sharedctypes/slices_of_python.hpp, which the tests of the arrays ask.
TEST_CASE("slice") {
    SECTION("indices count from the end below 0") {
        REQUIRE(detail::checked_index(0, 3) == 0);
        REQUIRE(detail::checked_index(-1, 3) == 2);
        REQUIRE(detail::checked_index(-3, 3) == 0);
        REQUIRE_THROWS_AS(detail::checked_index(3, 3), std::out_of_range);
        REQUIRE_THROWS_AS(detail::checked_index(-4, 3), std::out_of_range);
        REQUIRE_THROWS_AS(detail::checked_index(0, 0), std::out_of_range);
    }
    SECTION("bounds are clamped, and missing ones mean the end that the step comes from or goes to") {
        REQUIRE(chosen_of("01234", {}, {}, 2) == "024");
        REQUIRE(chosen_of("01234", {}, {}, -1) == "43210");
        REQUIRE(chosen_of("01234", -100, 100, 1) == "01234");
        REQUIRE(chosen_of("01234", 3, 1, 1).empty());
        REQUIRE_THROWS_AS(chosen_of("01234", {}, {}, 0), std::invalid_argument);
    }
    SECTION("a slice is filled exactly") {
        const auto three = detail::slice::of(5, 0, 3, 1);
        REQUIRE_NOTHROW(three.require_length(3));
        REQUIRE_THROWS_AS(three.require_length(2), std::length_error);
    }
}
