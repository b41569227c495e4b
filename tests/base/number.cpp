#include <multiprocessing/base/number.hpp>

#include "support/catch.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace detail = multiprocessing::detail;

namespace {

struct worth_a_double {
    operator double() const { return 0.5; }
};

} // namespace

TEST_CASE("a number is taken for another type's where nothing is lost unseen") {
    static_assert(std::is_same_v<detail::number_in<worth_a_double>, double>);
    static_assert(detail::fraction_for<double, int> && detail::fraction_for<worth_a_double, int> && detail::fraction_for<float, bool>);
    static_assert(!detail::fraction_for<double, float> && !detail::fraction_for<int, int> && !detail::fraction_for<std::string, int>);
    static_assert(detail::operand_of<int, double> && detail::operand_of<short, long> && !detail::operand_of<double, int>);
    static_assert(detail::operand_of<const char*, std::string> && !detail::operand_of<const char*, int>);

    REQUIRE(detail::checked_number<std::int8_t>(-128) == -128);
    REQUIRE(detail::checked_number<std::uint64_t>(7) == 7);
    REQUIRE(detail::checked_number<double>(7) == 7.0);
    REQUIRE(detail::checked_number<bool>(2)); // as in the language
    REQUIRE_THROWS_WITH(detail::checked_number<std::int8_t>(128), "multiprocessing: 128 does not fit an integer of 1 signed bytes");
    REQUIRE_THROWS_WITH(detail::checked_number<std::uint32_t>(-1), "multiprocessing: -1 does not fit an integer of 4 unsigned bytes");
    REQUIRE_THROWS_AS(detail::checked_number<std::int64_t>(~std::uint64_t{0}), std::invalid_argument);
}
