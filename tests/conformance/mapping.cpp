// The contract of platform/mapping.hpp, on this system.
#include "support/catch.hpp"
#include "support/handles.hpp"
#include "support/roles.hpp"

#include <multiprocessing/platform/mapping.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <system_error>

namespace platform = multiprocessing::platform;

namespace {

const std::size_t page = platform::mapping::page_size();

bool all_are(const std::byte* first, std::size_t count, int value) {
    return std::all_of(first, first + count, [&](std::byte each) { return each == std::byte(value); });
}

const support::role discards("mapping: discards", [](support::props given) {
    const auto object = platform::memory_object::adopt(platform::owned_handle(given[0]));
    platform::mapping mapped(object);
    support::ensure(all_are(mapped.data(), 3 * page, 7));
    mapped.discard(mapped.data(), page);
    support::ensure(all_are(mapped.data(), page, 0));
});

const support::role fills("mapping: fills", [](support::props given) {
    const auto object = platform::memory_object::adopt(platform::owned_handle(given[0]));
    const platform::mapping mapped(object);
    std::memset(mapped.data(), 8, page);
});

} // namespace

TEST_CASE("mapping, on every system") {
    const auto object = platform::memory_object::create(3 * page);
    platform::mapping one(object);
    const platform::mapping other(object);
    std::memset(one.data(), 7, one.size());

    SECTION("shows the same memory in two places, and in two processes") {
        REQUIRE(one.data() != other.data());
        REQUIRE(all_are(other.data(), 3 * page, 7));
        REQUIRE(support::actor(fills, {object.handle()}).wait() == 0);
        REQUIRE(all_are(other.data(), page, 8));
    }
    SECTION("begins at a multiple of 64 KiB or of a page") {
        REQUIRE(reinterpret_cast<std::uintptr_t>(one.data()) % page == 0);
        REQUIRE(reinterpret_cast<std::uintptr_t>(other.data()) % page == 0);
    }
    SECTION("discard: those pages, and no others, read as zeros everywhere") {
        one.discard(one.data() + page, page);
        REQUIRE(all_are(one.data(), page, 7));
        REQUIRE(all_are(other.data() + page, page, 0));
        REQUIRE(all_are(other.data() + 2 * page, page, 7));
    }
    SECTION("discard: by another process") {
        REQUIRE(support::actor(discards, {object.handle()}).wait() == 0);
        REQUIRE(all_are(one.data(), page, 0));
        REQUIRE(all_are(one.data() + page, 2 * page, 7));
    }
    SECTION("is there without the handle, and gives everything back") {
        const auto before = support::open_handles();
        {
            auto short_lived = std::make_unique<platform::memory_object>(platform::memory_object::create(page));
            const platform::mapping mapped(*short_lived);
            short_lived.reset();
            mapped.data()[0] = std::byte{1};
            REQUIRE(mapped.data()[0] == std::byte{1});
        }
        REQUIRE(support::open_handles() == before);
    }
    SECTION("says that there is no room for it") {
        try {
            // Some systems refuse the object, others the mapping of it.
            const auto large = platform::memory_object::create(std::size_t{1} << 50);
            const platform::mapping mapped(large);
            FAIL("there was room");
        } catch (const std::system_error& error) {
            REQUIRE(error.code() == std::errc::not_enough_memory);
            REQUIRE(std::string(error.what()).find("1125899906842624 bytes") != std::string::npos);
        }
    }
}
