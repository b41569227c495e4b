#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/native_handle.hpp>

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace platform = multiprocessing::platform;

namespace {
int some_handle() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool is_open(int handle) { return ::fcntl(handle, F_GETFD) != -1; }
} // namespace

TEST_CASE("owned_handle") {
    const auto before = support::open_descriptors();

    SECTION("closes what it owns") {
        const int handle = some_handle();
        {
            platform::owned_handle owner(handle);
            REQUIRE(owner);
            REQUIRE(owner.get() == handle);
        }
        REQUIRE_FALSE(is_open(handle));
    }
    SECTION("owns nothing when made of nothing") {
        const platform::owned_handle owner;
        REQUIRE_FALSE(owner);
        REQUIRE(owner.get() == platform::invalid_native_handle);
    }
    SECTION("leaves a file alone that was given the number of what it owned") {
        int others = -1;
        {
            platform::owned_handle owner(some_handle());
            const int number = owner.get();
            REQUIRE(owner.is_whole());
            ::close(number);
            REQUIRE_FALSE(owner.is_whole());
            others = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
            REQUIRE(others == number);
            REQUIRE_FALSE(owner.is_whole());
            const platform::owned_handle next = std::move(owner); // which takes over what it knows of it
            REQUIRE_FALSE(next.is_whole());
            platform::owned_handle assigned(some_handle());
            REQUIRE(assigned.is_whole());
            REQUIRE_FALSE(owner.is_whole()); // NOLINT(bugprone-use-after-move)
        }
        REQUIRE(is_open(others));
        ::close(others);
    }
    SECTION("hands over when moved") {
        platform::owned_handle first(some_handle());
        const int handle = first.get();
        platform::owned_handle second(std::move(first));
        REQUIRE_FALSE(first); // NOLINT(bugprone-use-after-move): that is the contract
        REQUIRE(second.get() == handle);

        platform::owned_handle third(some_handle());
        const int other = third.get();
        third = std::move(second);
        REQUIRE_FALSE(is_open(other));
        REQUIRE(third.get() == handle);

        platform::owned_handle& same = third;
        third = std::move(same);
        REQUIRE(is_open(handle));
    }
    SECTION("releases without closing") {
        platform::owned_handle owner(some_handle());
        const int handle = owner.release();
        REQUIRE_FALSE(owner);
        REQUIRE(is_open(handle));
        platform::close_native_handle(handle);
    }
    SECTION("closes the old one when reset") {
        platform::owned_handle owner(some_handle());
        const int old = owner.get();
        const int fresh = some_handle();
        owner.reset(fresh);
        REQUIRE_FALSE(is_open(old));
        REQUIRE(owner.get() == fresh);
        owner.reset();
        REQUIRE_FALSE(is_open(fresh));
    }
    SECTION("owns none of the numbers of the standard streams, though they are free") {
        REQUIRE(support::run_child([] {
                    ::close(STDOUT_FILENO);
                    const platform::owned_handle owner(some_handle());
                    support::expect(owner.get() > STDERR_FILENO && is_open(owner.get()) && !is_open(STDOUT_FILENO));
                    support::limit(RLIMIT_NOFILE, STDERR_FILENO + 1);
                    const platform::owned_handle none(some_handle());
                    support::expect(errno == EMFILE);
                    support::expect(!none && !is_open(STDOUT_FILENO));
                }) == 0);
    }
    REQUIRE(support::open_descriptors() == before);
}
