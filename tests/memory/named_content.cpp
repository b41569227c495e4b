#include <multiprocessing/memory/named_content.hpp>

#include "support/catch.hpp"

#include <optional>

using multiprocessing::memory::named_content;
using multiprocessing::memory::object_bytes;

TEST_CASE("object_bytes counts what is in front of the elements, and them") {
    static_assert(object_bytes{16}(7) == 16);
    static_assert(object_bytes{64, 8}(0) == 64 && object_bytes{64, 8}(3) == 88);
    static_assert(object_bytes{64, 8, 1}(0) == 65 && object_bytes{64, 8, 1}(3) == 88);
}

TEST_CASE("named_content::title") {
    named_content content{multiprocessing::detail::named_kind::shared_array, "f8", 8, 8, 3, 64, {}};
    REQUIRE(content.title() == "SharedArray of 3 x f8");
    content.count = std::nullopt;
    REQUIRE(content.title() == "SharedArray of any number x f8");
}
