// That compilers print the reason is tested where functions are deleted: tests/compile_fail.
#include <multiprocessing/base/deleted.hpp>

#include "support/catch.hpp"

namespace {

struct with_a_deleted_one {
    void kept() const {}
    void deleted_one() const = MULTIPROCESSING_DELETE("because it is here to be refused");
};

} // namespace

TEST_CASE("a function that is deleted with a reason is deleted") {
    STATIC_REQUIRE(requires(with_a_deleted_one one) { one.kept(); });
    STATIC_REQUIRE_FALSE([](auto one) { return requires { one.deleted_one(); }; }(with_a_deleted_one()));
}
