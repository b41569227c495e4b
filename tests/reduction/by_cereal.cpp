#include <multiprocessing/reduction/by_cereal.hpp>

#include "support/catch.hpp"

#include <string>

namespace detail = multiprocessing::detail;

// What reduction/cereal.hpp makes of it is in cereal.cpp.
TEST_CASE("by_cereal: no type travels by cereal where reduction/cereal.hpp is not included") {
    struct any {};
    static_assert(!detail::by_cereal<any>::is_known && !detail::by_cereal<int>::is_known && !detail::by_cereal<std::string>::is_known);
    SUCCEED();
}
