#include "support/catch.hpp"

#include <multiprocessing/memory/attached_segment.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/platform/mapping.hpp>

#include <cstddef>
#include <cstring>

namespace memory = multiprocessing::memory;
namespace platform = multiprocessing::platform;

TEST_CASE("attached_segment") {
    const auto bytes = platform::mapping::page_size() * 2;
    memory::attached_segment segment(platform::memory_object::create(bytes));

    SECTION("has the size of the memory object, all of it mapped") {
        REQUIRE(segment.size() == bytes);
        std::memset(segment.at(0).address(), 1, segment.size());
        REQUIRE(segment.at(bytes - 1).address()[0] == std::byte{1});
    }
    SECTION("is the same memory as other mappings of the object") {
        const platform::mapping other(*segment.at(0).locate().object);
        std::memcpy(other.data() + 100, "there", 6);
        REQUIRE(std::memcmp(segment.at(100).address(), "there", 6) == 0);
    }
}

TEST_CASE("attached_segment::at") {
    memory::attached_segment segment(platform::memory_object::create(4096));

    SECTION("is located where it was asked for, also blocks inside of it") {
        const auto block = segment.at(64);
        REQUIRE(block.locate().offset == 64);
        REQUIRE(block.at(32).locate().offset == 96);
        REQUIRE(block.locate().object == segment.at(0).locate().object);
    }
    SECTION("gives blocks that nobody counts: the memory outlives all of them") {
        std::byte* address = nullptr;
        {
            auto block = segment.at(8);
            const auto copy = block;
            const auto moved = std::move(block);
            address = moved.address();
            REQUIRE(copy.address() == address);
        }
        std::memcpy(address, "still", 6);
        REQUIRE(std::memcmp(segment.at(8).address(), "still", 6) == 0);
    }
}
