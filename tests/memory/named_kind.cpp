#include <multiprocessing/memory/named_kind.hpp>

#include "support/catch.hpp"

namespace detail = multiprocessing::detail;

TEST_CASE("a named object's class has a number, which is part of the layout, and a name") {
    static_assert(static_cast<int>(detail::named_kind::raw_value) == 1 && static_cast<int>(detail::named_kind::rlock) == 5);
    static_assert(static_cast<int>(detail::named_kind::condition) == 10 && static_cast<int>(detail::named_kind::barrier) == 11);
    REQUIRE(detail::name_of(detail::named_kind::shared_array) == "SharedArray");
    REQUIRE(detail::name_of(detail::named_kind::barrier) == "Barrier");
    REQUIRE(detail::name_of(static_cast<detail::named_kind>(0)) == "nothing known");
    REQUIRE(detail::name_of(static_cast<detail::named_kind>(12)) == "nothing known");
    REQUIRE(detail::name_of(static_cast<detail::named_kind>(~0U)) == "nothing known");
}
