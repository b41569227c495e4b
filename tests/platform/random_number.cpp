#include "support/catch.hpp"

#include <multiprocessing/platform/random_number.hpp>

#include <cstdint>
#include <set>

TEST_CASE("random_number") {
    std::set<std::uint64_t> seen;
    std::uint64_t ones = 0;
    std::uint64_t zeros = 0;
    for (int i = 0; i < 1000; ++i) {
        const std::uint64_t number = multiprocessing::platform::random_number();
        seen.insert(number);
        ones |= number;
        zeros |= ~number;
    }
    CHECK(seen.size() == 1000); // two alike: once in 10^13 runs
    CHECK(ones == ~std::uint64_t{0});
    CHECK(zeros == ~std::uint64_t{0});
}
