#include "support/catch.hpp"

#include <multiprocessing/platform/os_error.hpp>

#include <cerrno>
#include <string>
#include <system_error>

#include <unistd.h>

namespace platform = multiprocessing::platform;

TEST_CASE("last_os_error") {
    REQUIRE(::close(-1) == -1);
    REQUIRE(platform::last_os_error() == EBADF);
}

TEST_CASE("throw_os_error") {
    try {
        platform::throw_os_error(ENOMEM, "mmap", "the thing");
        FAIL("it returned");
    } catch (const std::system_error& error) {
        REQUIRE(error.code() == std::errc::not_enough_memory);
        const std::string text = error.what();
        REQUIRE(text.find("mmap") != std::string::npos);
        REQUIRE(text.find("the thing") != std::string::npos);
    }
}
