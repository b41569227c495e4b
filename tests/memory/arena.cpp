#include "support/catch.hpp"
#include "support/descriptors.hpp"
#include "support/run.hpp"
#include "support/sanitized.hpp"

#include <multiprocessing/memory/arena.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <utility>

using multiprocessing::memory::arena;
namespace platform = multiprocessing::platform;

namespace {
const std::size_t page = platform::mapping::page_size();

bool all_are(const std::byte* first, std::size_t bytes, unsigned char value) {
    return std::all_of(first, first + bytes, [value](std::byte each) { return each == std::byte{value}; });
}
} // namespace

TEST_CASE("arena") {
    const auto descriptors = support::open_descriptors();

    SECTION("is zero-filled memory of that size, at a page, one descriptor and one mapping") {
        const auto mappings = support::mappings();
        const arena memory(16 * page);
        REQUIRE(support::open_descriptors() == descriptors + 1);
        if (!sanitized) { // whose allocators map what they need
            REQUIRE(support::mappings() <= mappings + 2); // +1, and one that the runner's own memory may have needed
        }
        REQUIRE(memory.size() == 16 * page);
        REQUIRE(reinterpret_cast<std::uintptr_t>(memory.data()) % page == 0);
        REQUIRE(all_are(memory.data(), memory.size(), 0));
    }
    SECTION("takes no memory until it is touched") {
        const arena memory(std::size_t{1} << 30);
        REQUIRE(support::bytes_of(memory.object().handle()) == 0);
        memory.data()[0] = std::byte{1};
        REQUIRE(support::bytes_of(memory.object().handle()) == page);
    }
    SECTION("is shared with children") {
        const arena memory(page);
        REQUIRE(support::run_child([&] { std::memset(memory.data(), 7, page); }) == 0);
        REQUIRE(all_are(memory.data(), page, 7));
    }
    SECTION("is mapped again by its object") {
        const arena memory(page);
        const platform::mapping again(memory.object());
        REQUIRE(again.data() != memory.data());
        again.data()[3] = std::byte{7};
        REQUIRE(memory.data()[3] == std::byte{7});
    }
    SECTION("is moved with its memory in place") {
        arena first(page);
        std::byte* const place = first.data();
        place[0] = std::byte{7};
        const arena second(std::move(first));
        REQUIRE(second.data() == place);
        REQUIRE(second.data()[0] == std::byte{7});
    }
    SECTION("says what cannot be had") {
        REQUIRE_THROWS_AS(arena(std::size_t{1} << 62), std::system_error);
    }
    REQUIRE(support::open_descriptors() == descriptors);
}

TEST_CASE("arena::discard") {
    arena memory(4 * page);
    std::memset(memory.data(), 7, memory.size());
    memory.discard(memory.data() + page, 2 * page);
    REQUIRE(support::bytes_of(memory.object().handle()) == 2 * page);
    REQUIRE(all_are(memory.data(), page, 7));
    REQUIRE(all_are(memory.data() + page, 2 * page, 0));
    REQUIRE(all_are(memory.data() + 3 * page, page, 7));
}
