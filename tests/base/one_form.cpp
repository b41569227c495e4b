// That mixtures do not link is tested by linking them: tests/forms.
#include <multiprocessing/base/one_form.hpp>

#include "support/catch.hpp"

TEST_CASE("a program of one form links") {
#if !defined(_MSC_VER)
    REQUIRE(multiprocessing_is_header_only_here_and_compiled_there == 0);
#else
    SUCCEED();
#endif
}
