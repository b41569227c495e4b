#include "support/catch.hpp"

#include <multiprocessing/memory/creation_tags.hpp>

#include <boost/interprocess/creation_tags.hpp>

#include <concepts>

namespace mp = multiprocessing;

TEST_CASE("create_only, open_only, open_or_create") {
    static_assert(std::same_as<const boost::interprocess::create_only_t, decltype(mp::create_only)>);
    static_assert(std::same_as<const boost::interprocess::open_only_t, decltype(mp::open_only)>);
    static_assert(std::same_as<const boost::interprocess::open_or_create_t, decltype(mp::open_or_create)>);
    const auto which = [](mp::create_only_t) { return 1; };
    REQUIRE(which(boost::interprocess::create_only) == which(mp::create_only));
}
