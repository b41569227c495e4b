#include "support/catch.hpp"

#include <multiprocessing/memory/attached_segment.hpp>
#include <multiprocessing/memory/heap.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/reduction/incoming.hpp>
#include <multiprocessing/reduction/outgoing.hpp>

#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

namespace memory = multiprocessing::memory;
namespace platform = multiprocessing::platform;
namespace reduction = multiprocessing::reduction;

TEST_CASE("outgoing::put_bytes") {
    reduction::outgoing out;
    REQUIRE(out.bytes().empty());
    out.put_bytes("ab\0c", 4);
    out.put_bytes(nullptr, 0);
    out.put_number(5);
    REQUIRE(out.bytes().size() == 4 + 8);
    reduction::incoming in(out.bytes(), {});
    REQUIRE(in.take_bytes(4) == std::string_view("ab\0c", 4));
    REQUIRE(in.take_number() == 5);
}

TEST_CASE("outgoing::put_part") {
    reduction::outgoing out;
    out.put_part([&] { out.put_bytes("ab", 2); });
    REQUIRE(out.bytes() == "ab");
    out.put_part([] {});
    REQUIRE(out.bytes().size() == 3); // a thing of no bytes has one all the same
}

TEST_CASE("outgoing::put_block") {
    SECTION("names each memory object once, in the order of their first blocks") {
        memory::attached_segment first(platform::memory_object::create(4096));
        memory::attached_segment second(platform::memory_object::create(4096));
        reduction::outgoing out;
        out.put_block(second.at(8));
        out.put_block(first.at(16));
        out.put_block(second.at(24));
        REQUIRE(out.objects().size() == 2);
        REQUIRE(out.objects()[0] == second.at(0).locate().object);
        REQUIRE(out.objects()[1] == first.at(0).locate().object);
        reduction::incoming in(out.bytes(), {});
        for (const std::uint64_t expected : {0U, 8U, 1U, 16U, 0U, 24U}) {
            REQUIRE(in.take_number() == expected);
        }
    }
    SECTION("keeps the block as long as it lives, and can be read through another mapping") {
        auto& heap = memory::heap::current();
        std::optional<reduction::outgoing> out(std::in_place);
        const std::byte* address = nullptr;
        {
            const memory::block given = heap.allocate(100, 16);
            std::memcpy(given.address(), "kept", 5);
            address = given.address();
            out->put_block(given);
        }
        for (int i = 0; i < 1000; ++i) {
            const memory::block other = heap.allocate(100, 16);
            REQUIRE(other.address() != address);
        }
        REQUIRE(std::memcmp(address, "kept", 5) == 0);
    }
}
