#include "support/catch.hpp"
#include "support/names.hpp"

#include <multiprocessing/memory/attached_segment.hpp>
#include <multiprocessing/memory/named_segment.hpp>
#include <multiprocessing/platform/access.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/platform/named_memory.hpp>

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

TEST_CASE("attached_segment of a named object") {
    const support::unused_object name;
    const memory::named_content content{multiprocessing::detail::named_kind::raw_array, "i4", 4, 4, 3, 0, {0, 4}};
    auto made = memory::named_segment::create(name, content, [](std::byte*) {});
    const auto handed_over = [&] { return (*platform::named_memory::open(name.file(), platform::access::read_write)).object(); };
    constexpr std::size_t offset = memory::named_segment::object_offset;

    SECTION("this process has it already: it is there, as long as it is attached, and is handed on by the handle that came") {
        std::byte* const place = made->object.address();
        memory::attached_segment segment(handed_over());
        made.reset();
        REQUIRE(segment.at(offset).address() == place);
        REQUIRE(segment.at(offset).locate().offset == offset);
        REQUIRE(segment.at(offset).locate().object->size() >= offset + 12);
        *segment.at(offset).address() = std::byte{1};
        REQUIRE(memory::named_segment::open(name, content)->object.address() == place);
    }
    SECTION("it is opened by its name later: it is where it was attached") {
        const platform::memory_object kept = handed_over(); // or its memory would be gone on Windows
        made.reset();
        memory::attached_segment segment(handed_over());
        const auto opened = memory::named_segment::open(name, content);
        REQUIRE(opened->object.address() == segment.at(offset).address());
    }
    SECTION("it is handed over twice") {
        memory::attached_segment first(handed_over());
        memory::attached_segment second(handed_over());
        REQUIRE(first.at(offset).address() == made->object.address());
        REQUIRE(second.at(offset).address() == first.at(offset).address());
        REQUIRE(second.at(offset).locate().object != first.at(offset).locate().object);
    }
}
