#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/memory_object.hpp>

#include <cerrno>
#include <cstddef>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace platform = multiprocessing::platform;

TEST_CASE("memory_object::create") {
    const auto before = support::open_descriptors();

    SECTION("has exactly the size asked for, and takes no memory until touched") {
        for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{4096}, std::size_t{1} << 32}) {
            const auto object = platform::memory_object::create(bytes);
            struct ::stat about {};
            REQUIRE(::fstat(object.handle(), &about) == 0);
            REQUIRE(static_cast<std::size_t>(about.st_size) == bytes);
            REQUIRE(object.size() == bytes);
            REQUIRE(support::bytes_of(object.handle()) == 0);
        }
    }
    SECTION("is not inherited by another program") {
        const auto object = platform::memory_object::create(4096);
        REQUIRE((::fcntl(object.handle(), F_GETFD) & FD_CLOEXEC) != 0);
    }
    SECTION("cannot be shrunk or grown by anybody") {
        const auto object = platform::memory_object::create(8192);
        REQUIRE(::ftruncate(object.handle(), 4096) == -1);
        REQUIRE(errno == EPERM);
        REQUIRE(::ftruncate(object.handle(), 16384) == -1);
        REQUIRE(::fcntl(object.handle(), F_ADD_SEALS, F_SEAL_WRITE) == -1);
    }
    SECTION("hands over when moved") {
        auto first = platform::memory_object::create(4096);
        const auto handle = first.handle();
        const platform::memory_object second(std::move(first));
        REQUIRE(second.handle() == handle);
        REQUIRE(second.size() == 4096);
    }
    SECTION("says what cannot be had") {
        try {
            static_cast<void>(platform::memory_object::create(std::numeric_limits<std::size_t>::max()));
            FAIL("it was had");
        } catch (const std::system_error& error) {
            REQUIRE(error.code() == std::errc::not_enough_memory);
            REQUIRE(std::string(error.what()).find("18446744073709551615 bytes") != std::string::npos);
        }
    }
    SECTION("says that there is no descriptor left") {
        REQUIRE(support::run_child([] {
                    support::limit(RLIMIT_NOFILE, 0);
                    try {
                        static_cast<void>(platform::memory_object::create(4096));
                    } catch (const std::system_error& error) {
                        support::expect(error.code() == std::errc::too_many_files_open);
                        support::expect(std::string(error.what()).find("memfd_create") != std::string::npos);
                        return 0;
                    }
                    return 1;
                }) == 0);
    }
    REQUIRE(support::open_descriptors() == before);
}
