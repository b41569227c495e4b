#include "support/catch.hpp"

#include <multiprocessing/memory/attached_segment.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/reduction/incoming.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>

namespace memory = multiprocessing::memory;
namespace platform = multiprocessing::platform;
namespace reduction = multiprocessing::reduction;

namespace {

std::string bytes_of(std::initializer_list<std::uint64_t> numbers) {
    std::string bytes;
    for (const std::uint64_t each : numbers) {
        bytes.append(reinterpret_cast<const char*>(&each), sizeof(each));
    }
    return bytes;
}

} // namespace

TEST_CASE("incoming::take_bytes") {
    reduction::incoming in("abcdef", {});
    REQUIRE(in.bytes_left() == 6);
    REQUIRE(in.take_bytes(2) == "ab");
    REQUIRE(in.take_bytes(0).empty());
    REQUIRE(in.bytes_left() == 4);
    REQUIRE_THROWS_AS(in.take_bytes(5), std::runtime_error);
    REQUIRE_THROWS_AS(in.take_bytes(std::numeric_limits<std::size_t>::max()), std::runtime_error);
    REQUIRE(in.take_bytes(4) == "cdef"); // nothing was taken by those that failed
    REQUIRE_THROWS_AS(in.take_bytes(1), std::runtime_error);
    REQUIRE(in.take_bytes(0).empty());
}

TEST_CASE("incoming::take_number") {
    const std::string bytes = bytes_of({7, std::numeric_limits<std::uint64_t>::max()}) + "1234567";
    reduction::incoming in(bytes, {});
    REQUIRE(in.take_number() == 7);
    REQUIRE(in.take_number() == std::numeric_limits<std::uint64_t>::max());
    REQUIRE_THROWS_AS(in.take_number(), std::runtime_error); // one byte is missing
    REQUIRE(in.bytes_left() == 7);
}

TEST_CASE("incoming::take_count") {
    const std::string bytes = bytes_of({3}) + "abc";
    reduction::incoming in(bytes, {});
    REQUIRE(in.take_count() == 3);
    const std::string too_many = bytes_of({4}) + "abc";
    reduction::incoming short_of_one(too_many, {});
    REQUIRE_THROWS_WITH(short_of_one.take_count(), Catch::Contains("says that 4 things follow") && Catch::Contains("3 more bytes"));
    const std::string all = bytes_of({std::numeric_limits<std::uint64_t>::max()});
    reduction::incoming huge(all, {});
    REQUIRE_THROWS_AS(huge.take_count(), std::runtime_error);
}

TEST_CASE("incoming::take_part") {
    reduction::incoming in("abc", {});
    in.take_part([&] { REQUIRE(in.take_bytes(1) == "a"); });
    in.take_part([] {}); // of no bytes: outgoing::put_part has put one
    REQUIRE(in.bytes_left() == 1);
    in.take_part([] {});
    REQUIRE_THROWS_AS(in.take_part([] {}), std::runtime_error);
}

TEST_CASE("incoming::take_block") {
    memory::attached_segment first(platform::memory_object::create(4096));
    memory::attached_segment second(platform::memory_object::create(8192));
    const std::array segments{&first, &second};
    const auto take = [&](std::uint64_t segment, std::uint64_t offset, std::size_t bytes = 1, std::size_t alignment = 1) {
        const std::string description = bytes_of({segment, offset});
        reduction::incoming in(description, segments);
        return in.take_block(bytes, alignment);
    };

    SECTION("is where the description says") {
        std::memcpy(second.at(100).address(), "here", 4);
        const auto block = take(1, 100, 4);
        REQUIRE(std::memcmp(block.address(), "here", 4) == 0);
        REQUIRE(block.locate().offset == 100);
        REQUIRE(take(0, 0, 4096).address() == first.at(0).address());
        REQUIRE(take(0, 4095).locate().offset == 4095);
    }
    SECTION("is not in a segment that did not come with it") {
        REQUIRE_THROWS_AS(take(2, 0), std::runtime_error);
        REQUIRE_THROWS_AS(take(std::numeric_limits<std::uint64_t>::max(), 0), std::runtime_error);
    }
    SECTION("is not outside of the segment, nor does it reach out of it") {
        constexpr auto huge = std::numeric_limits<std::uint64_t>::max();
        REQUIRE_THROWS_AS(take(0, 4096), std::runtime_error);
        REQUIRE_THROWS_AS(take(0, huge), std::runtime_error);
        REQUIRE_THROWS_AS(take(0, 4093, 4), std::runtime_error);
        REQUIRE_THROWS_AS(take(0, 0, 4097), std::runtime_error);
        REQUIRE_THROWS_AS(take(0, 64, huge), std::runtime_error);
        REQUIRE_NOTHROW(take(0, 4092, 4));
    }
    SECTION("is not where its object could not be") {
        REQUIRE_THROWS_AS(take(0, 68, 4, 64), std::runtime_error);
        REQUIRE_NOTHROW(take(0, 64, 4, 64));
    }
    SECTION("is nowhere when the description ends too early") {
        const std::string description = bytes_of({0, 0}).substr(0, 15);
        reduction::incoming in(description, segments);
        REQUIRE_THROWS_AS(in.take_block(), std::runtime_error);
    }
}
