#include "support/catch.hpp"
#include "support/crowd.hpp"

#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/synchronized_span.hpp>

#include <algorithm>
#include <numeric>
#include <ranges>
#include <span>
#include <type_traits>
#include <vector>

namespace mp = multiprocessing;
using namespace support;

TEST_CASE("synchronized_span") {
    const mp::SharedArray<double> grid{1, 2, 3};

    SECTION("is a span of the elements themselves") {
        auto elements = grid.synchronize();
        STATIC_REQUIRE(std::is_same_v<decltype(elements), mp::synchronized_span<double>>);
        STATIC_REQUIRE(std::ranges::contiguous_range<decltype(elements)>);
        for (double& each : elements) {
            each *= 2;
        }
        elements[0] = 7;
        std::ranges::reverse(elements.subspan(1));
        const std::span<double> view = elements;
        CHECK(view.data() == grid.get_obj().data());
        CHECK(std::accumulate(elements.begin(), elements.end(), 0.0) == 17);
        CHECK(grid.slice() == std::vector{7.0, 6.0, 4.0}); // recursive
    }
    SECTION("holds the lock until the end of its scope") {
        {
            const auto elements = grid.synchronize();
            CHECK_FALSE(free_for_others(grid));
            {
                const auto again = grid.synchronize();
                CHECK(again.size() == 3);
            }
            CHECK_FALSE(free_for_others(grid));
        }
        CHECK(free_for_others(grid));
    }
    SECTION("gives the lock back when an exception passes") {
        const auto throwing = [&] {
            const auto elements = grid.synchronize();
            throw elements.size();
        };
        CHECK_THROWS_AS(throwing(), std::size_t);
        CHECK(free_for_others(grid));
    }
    SECTION("keeps the memory of a handle that has gone") {
        const auto elements = mp::SharedArray<double>{4, 5}.synchronize();
        CHECK(elements[1] == 5);
    }
    SECTION("is neither copied nor moved: there is one to give the lock back") {
        STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<mp::synchronized_span<double>>);
        STATIC_REQUIRE_FALSE(std::is_move_constructible_v<mp::synchronized_span<double>>);
        STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<mp::synchronized_span<double>>);
    }
}

TEST_CASE("synchronized_span: a loop is seen whole, while 4 processes run it") {
    const mp::SharedArray<std::int64_t> array(32);
    const sight seen = look_while_written(
        4,
        [&](std::int64_t n) {
            auto elements = array.synchronize();
            std::ranges::fill(elements, n);
        },
        [&] {
            const auto elements = array.synchronize();
            return std::ranges::count(elements, elements[0]) == 32 ? std::optional(elements[0]) : std::nullopt;
        });
    CHECK(seen.torn == 0);
    CHECK(seen.changes >= 1'000);
    CHECK(seen.writers_ended_well);
}
