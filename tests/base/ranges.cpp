#include <multiprocessing/base/ranges.hpp>

#include "support/catch.hpp"

#include <type_traits>
#include <vector>

TEST_CASE("the concepts of ranges, their types and sizes") {
    const int some[]{1, 2, 3};
    static_assert(std::ranges::forward_range<const int(&)[3]> && std::ranges::sized_range<std::vector<int>>);
    static_assert(!std::ranges::input_range<int>);
    static_assert(std::is_same_v<std::ranges::range_value_t<std::vector<int>>, int>);
    static_assert(std::is_same_v<std::ranges::range_reference_t<const std::vector<int>>, const int&>);
    REQUIRE(std::ranges::size(some) == 3);
    REQUIRE(std::ranges::distance(some) == 3);
}
