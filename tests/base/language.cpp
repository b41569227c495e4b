// That an older language is refused is tested by compiling as one: tests/flags.
#include <multiprocessing/base/language.hpp>

#include "support/catch.hpp"

TEST_CASE("a test is compiled as C++20 or later") {
    static_assert(__cpp_concepts >= 201907L);
    SUCCEED();
}
