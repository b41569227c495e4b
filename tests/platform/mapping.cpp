#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/mapping.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>

#include <sys/mman.h>

namespace platform = multiprocessing::platform;

namespace {
const std::size_t page = platform::mapping::page_size();

bool all_are(const std::byte* first, std::size_t bytes, unsigned char value) {
    return std::all_of(first, first + bytes, [value](std::byte each) { return each == std::byte{value}; });
}
} // namespace

TEST_CASE("mapping") {
    SECTION("is the whole object, at a page, zero-filled and writable") {
        const auto object = platform::memory_object::create(3 * page);
        const platform::mapping mapped(object);
        REQUIRE(mapped.size() == 3 * page);
        REQUIRE(reinterpret_cast<std::uintptr_t>(mapped.data()) % page == 0);
        REQUIRE(all_are(mapped.data(), mapped.size(), 0));
        std::memset(mapped.data(), 7, mapped.size());
        const platform::mapping again(object);
        REQUIRE(all_are(again.data(), again.size(), 7));
    }
    SECTION("outlives the handle of its object, and is undone by the destructor") {
        std::optional<platform::mapping> mapped;
        const auto before = support::mappings();
        {
            const auto object = platform::memory_object::create(64 * page);
            mapped.emplace(object);
        }
        std::memset(mapped->data(), 1, mapped->size());
        REQUIRE(support::mappings() >= before);
        const auto* const address = mapped->data();
        mapped.reset();
        unsigned char resident = 0;
        REQUIRE(::mincore(const_cast<std::byte*>(address), page, &resident) == -1); // nothing is mapped there
    }
    SECTION("is the same memory, at the same address, in a child") {
        const platform::mapping mapped(platform::memory_object::create(page));
        mapped.data()[0] = std::byte{1};
        REQUIRE(support::run_child([&] {
                    support::expect(mapped.data()[0] == std::byte{1});
                    mapped.data()[1] = std::byte{2};
                }) == 0);
        REQUIRE(mapped.data()[1] == std::byte{2});
    }
    SECTION("says that there is no room for it") {
        const auto object = platform::memory_object::create(std::size_t{1} << 50);
        try {
            const platform::mapping mapped(object);
            FAIL("there was room");
        } catch (const std::system_error& error) {
            REQUIRE(error.code() == std::errc::not_enough_memory);
            REQUIRE(std::string(error.what()).find("1125899906842624 bytes") != std::string::npos);
        }
    }
}

TEST_CASE("mapping::discard") {
    const auto object = platform::memory_object::create(4 * page);
    platform::mapping mapped(object);
    std::memset(mapped.data(), 7, mapped.size());
    REQUIRE(support::bytes_of(object.handle()) == 4 * page);

    SECTION("gives the pages back, and no others") {
        mapped.discard(mapped.data() + page, 2 * page);
        REQUIRE(support::bytes_of(object.handle()) == 2 * page);
        REQUIRE(all_are(mapped.data(), page, 7));
        REQUIRE(all_are(mapped.data() + page, 2 * page, 0));
        REQUIRE(all_are(mapped.data() + 3 * page, page, 7));
    }
    SECTION("shows zeros to other processes too") {
        REQUIRE(support::run_child([&] { mapped.discard(mapped.data(), page); }) == 0);
        REQUIRE(all_are(mapped.data(), page, 0));
    }
    SECTION("writes zeros where the system keeps the pages") {
        if (::mlock(mapped.data(), page) == 0) {
            mapped.discard(mapped.data(), page);
            REQUIRE(all_are(mapped.data(), page, 0));
            REQUIRE(all_are(mapped.data() + page, page, 7));
        }
    }
}

TEST_CASE("mapping::page_size") {
    REQUIRE(page >= 4096);
    REQUIRE((page & (page - 1)) == 0);
}
