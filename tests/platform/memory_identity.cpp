#include "support/catch.hpp"
#include "support/names.hpp"

#include <multiprocessing/platform/access.hpp>
#include <multiprocessing/platform/memory_identity.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/platform/native_handle.hpp>

#include <system_error>

namespace platform = multiprocessing::platform;
using platform::memory_identity;
using platform::named_memory;

TEST_CASE("memory_identity::of") {
    const support::unused_name name;
    const auto made = *named_memory::create(name, 4096, 0600);
    const auto identity = memory_identity::of(made.handle());
    REQUIRE(identity.has_value());

    SECTION("is one for all handles of the memory") {
        const auto opened = *named_memory::open(name, platform::access::read_write);
        const auto looked_at = *named_memory::open(name, platform::access::read_only);
        for (const platform::native_handle each : {opened.handle(), looked_at.handle(), made.object().handle()}) {
            REQUIRE(memory_identity::of(each) == identity);
            REQUIRE(memory_identity::of(each)->hash() == identity->hash());
            REQUIRE(memory_identity::of(each)->text() == identity->text());
        }
    }
    SECTION("is another one for memory of another name") {
        const support::unused_name other;
        const auto of_other = memory_identity::of(named_memory::create(other, 4096, 0600)->handle());
        REQUIRE(of_other != identity);
        REQUIRE(of_other->text() != identity->text());
    }
    SECTION("is another one for memory that was given the name since") {
        if (platform::names_stay) {
            REQUIRE(named_memory::unlink(name));
            REQUIRE(memory_identity::of(made.handle()) == identity);
            REQUIRE(memory_identity::of(named_memory::create(name, 4096, 0600)->handle()) != identity);
        }
    }
    SECTION("memory that never had a name has none") {
        REQUIRE_FALSE(memory_identity::of(platform::memory_object::create(4096).handle()).has_value());
    }
    SECTION("what is no handle is refused") {
        REQUIRE_THROWS_AS(memory_identity::of(platform::invalid_native_handle), std::system_error);
    }
}
