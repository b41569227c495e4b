// The contract of platform/memory_object.hpp, of this system's backend.
#include "support/catch.hpp"
#include "support/handles.hpp"
#include "support/for_life.hpp"
#include "support/roles.hpp"

#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/platform/memory_object.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <system_error>
#include <utility>

namespace platform = multiprocessing::platform;

namespace {

struct meeting {
    support::milestone mapped;
    support::milestone dropped;
    int from_test;
    int from_role;
};

const support::role meets("memory_object: meets", [](support::props given) {
    meeting& here = support::on_stage<meeting>(given[0]);
    support::ensure(here.from_test == 1);
    here.from_role = 2;
    here.mapped.reach();
});

/// Goes on using what its maker has let go of.
const support::role outlasts("memory_object: outlasts", [](support::props given) {
    meeting& here = support::on_stage<meeting>(given[0]);
    const auto object = platform::memory_object::adopt(platform::owned_handle(given[1]));
    platform::mapping mapped(object);
    here.mapped.reach();
    here.dropped.wait();
    support::ensure(mapped.data()[5] == std::byte{42});
    mapped.data()[5] = std::byte{43};
    support::ensure(mapped.data()[5] == std::byte{43});
});

bool all_zero(const platform::mapping& mapped) {
    return std::all_of(mapped.data(), mapped.data() + mapped.size(), [](std::byte each) { return each == std::byte{}; });
}

} // namespace

TEST_CASE("memory_object::create, on every system") {
    SECTION("is of the size that was asked for, and zero") {
        for (const std::size_t bytes : {std::size_t{1}, std::size_t{100}, std::size_t{4096}, std::size_t{1} << 20}) {
            const auto object = platform::memory_object::create(bytes);
            REQUIRE(object.size() == bytes);
            const platform::mapping mapped(object);
            REQUIRE(mapped.size() == bytes);
            REQUIRE(all_zero(mapped));
        }
    }
    SECTION("is shared with a process that is handed it") {
        const support::stage<meeting> here;
        here->from_test = 1;
        const support::actor other(meets, {here.handle()});
        here->mapped.wait();
        REQUIRE(here->from_role == 2);
        REQUIRE(other.wait() == 0);
    }
    SECTION("lives as long as anybody has it") {
        const support::stage<meeting> here;
        auto object = std::make_unique<platform::memory_object>(platform::memory_object::create(64));
        const support::actor other(outlasts, {here.handle(), object->handle()});
        {
            const platform::mapping mapped(*object);
            mapped.data()[5] = std::byte{42};
            here->mapped.wait();
        }
        object.reset();
        here->dropped.reach();
        REQUIRE(other.wait() == 0);
    }
    SECTION("is not inherited by itself") {
        const auto object = platform::memory_object::create(64);
        REQUIRE_FALSE(support::is_inheritable(object.handle()));
    }
    SECTION("is moved, not copied, and closed once") {
        static_assert(!std::copyable<platform::memory_object>);
        const auto before = support::open_handles();
        {
            auto one = platform::memory_object::create(64);
            const auto handle = one.handle();
            const auto two = std::move(one);
            REQUIRE(two.handle() == handle);
            REQUIRE(support::open_handles() == before + 1);
        }
        REQUIRE(support::open_handles() == before);
    }
    SECTION("says what cannot be had") {
        try {
            const auto object = platform::memory_object::create(std::size_t{1} << 63);
            FAIL("there was memory");
        } catch (const std::system_error& error) {
            REQUIRE(error.code() == std::errc::not_enough_memory);
            REQUIRE(std::string(error.what()).find("9223372036854775808 bytes") != std::string::npos);
        }
    }
}

TEST_CASE("memory_object::adopt, on every system") {
    SECTION("knows the size, in pages perhaps") {
        auto made = platform::memory_object::create(100'000);
        const auto handle = made.handle();
        platform::mapping here(made);
        here.data()[99'999] = std::byte{9};
        const auto adopted = platform::memory_object::adopt(platform::owned_handle(handle));
        auto kept = std::move(made); // two owners of one handle: the other must forget it
        support::for_life<platform::memory_object>(std::move(kept));
        REQUIRE(adopted.size() >= 100'000);
        REQUIRE(adopted.size() < 100'000 + platform::mapping::page_size());
        const platform::mapping again(adopted);
        REQUIRE(again.data()[99'999] == std::byte{9});
    }
    SECTION("refuses what is no memory") {
        REQUIRE_THROWS_AS(platform::memory_object::adopt(platform::owned_handle()), std::system_error);
    }
}
