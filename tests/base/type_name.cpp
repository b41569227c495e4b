#include <multiprocessing/base/type_name.hpp>

#include "support/catch.hpp"

#include <string_view>
#include <vector>

using multiprocessing::detail::type_name;

namespace {

struct named_one {};
struct named_two {};

} // namespace

TEST_CASE("type_name") {
    SECTION("is the type's own") {
        REQUIRE(type_name<named_one>() == type_name<named_one>());
        REQUIRE(type_name<named_one>() != type_name<named_two>());
        REQUIRE(type_name<std::vector<named_one>>() != type_name<std::vector<named_two>>());
        REQUIRE(type_name<named_one>().find("named_one") != std::string_view::npos);
    }
}
