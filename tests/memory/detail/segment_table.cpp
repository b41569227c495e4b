// What is mapped, and found again: step by step what threads that open and close an object do at once (tests/memory/named_segment.cpp has the threads).
//
// Taken out once, and what failed: in remove, the question whether it is still that mapping: "a mapping that was replaced takes nothing out"; in
// find_or_add, the replacement: "a mapping without references is replaced".
#include "support/catch.hpp"
#include "support/names.hpp"

#include <multiprocessing/memory/detail/segment_table.hpp>
#include <multiprocessing/platform/access.hpp>
#include <multiprocessing/platform/memory_identity.hpp>
#include <multiprocessing/platform/named_memory.hpp>

#include <cstddef>

namespace memory = multiprocessing::memory;
namespace platform = multiprocessing::platform;
using memory::detail::segment_key;
using memory::detail::segment_table;

namespace {

/// With as many references as the test says.
class counted final : public memory::detail::listed_segment {
public:
    int references = 1;

    void retain(const std::byte*) noexcept override { ++references; }
    void release(const std::byte*) noexcept override { --references; }
    [[nodiscard]] bool try_retain() noexcept override { return references != 0 && ++references != 0; }
    [[nodiscard]] memory::location locate(const std::byte*) noexcept override { return {nullptr, 0}; }
};

} // namespace

TEST_CASE("segment_table") {
    const support::unused_name name;
    const auto named = *platform::named_memory::create(name, 4096, 0600);
    const segment_key key{*platform::memory_identity::of(named.handle()), platform::access::read_write};
    counted first;
    counted second;
    REQUIRE(segment_table::find(key) == nullptr);
    REQUIRE(&segment_table::find_or_add(key, first) == &first);
    REQUIRE(first.references == 1);

    SECTION("a mapping is found, with a reference more, and not replaced") {
        REQUIRE(segment_table::find(key) == &first);
        REQUIRE(&segment_table::find_or_add(key, second) == &first);
        REQUIRE(first.references == 3);
        segment_table::remove(key, first);
        REQUIRE(segment_table::find(key) == nullptr);
    }
    SECTION("a mapping to be read only is another one") {
        const segment_key to_read{key.identity, platform::access::read_only};
        REQUIRE(segment_table::find(to_read) == nullptr);
        REQUIRE(&segment_table::find_or_add(to_read, second) == &second);
        REQUIRE(segment_table::find(key) == &first);
        segment_table::remove(to_read, second);
        segment_table::remove(key, first);
    }
    SECTION("a mapping without references is replaced") {
        first.references = 0;
        REQUIRE(segment_table::find(key) == nullptr);
        REQUIRE(&segment_table::find_or_add(key, second) == &second);
        REQUIRE(segment_table::find(key) == &second);
        REQUIRE(first.references == 0);
        segment_table::remove(key, second);
    }
    SECTION("a mapping that was replaced takes nothing out") {
        first.references = 0;
        REQUIRE(&segment_table::find_or_add(key, second) == &second);
        segment_table::remove(key, first);
        REQUIRE(segment_table::find(key) == &second);
        segment_table::remove(key, second);
    }
    REQUIRE(segment_table::find(key) == nullptr);
}
