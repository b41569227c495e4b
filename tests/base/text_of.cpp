#include <multiprocessing/base/text_of.hpp>

#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include "support/catch.hpp"

namespace mp = multiprocessing;

TEST_CASE("text_of is what << writes") {
    REQUIRE(mp::detail::text_of(mp::SharedValue<int>(7)) == "7");
    REQUIRE(mp::detail::text_of(mp::SharedArray<int>({1, 2, 3})) == "[1, 2, 3]");
}
