// That a program cannot have both forms is tested by linking: tests/forms.
#include <multiprocessing/base/form.hpp>

#include "support/catch.hpp"

TEST_CASE("a test is of one form, and no source of the library") {
#if defined(MULTIPROCESSING_COMPILED)
    static_assert(MULTIPROCESSING_DEFINITIONS == 0);
#    if defined(MULTIPROCESSING_INLINE)
    FAIL("MULTIPROCESSING_INLINE is for definitions");
#    endif
#else
    static_assert(MULTIPROCESSING_DEFINITIONS == 1);
#endif
    SUCCEED();
}
