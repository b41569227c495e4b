#include "support/catch.hpp"

#include <multiprocessing/platform/system.hpp>

TEST_CASE("MULTIPROCESSING_POSIX") {
    REQUIRE(MULTIPROCESSING_POSIX + MULTIPROCESSING_WINDOWS == 1);
#if defined(__unix__)
    REQUIRE(MULTIPROCESSING_POSIX == 1);
#endif
}
