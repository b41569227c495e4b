// Taken out once, and what failed: the entry of a mapping; its end with the mapping; the hook around a fork (a child waits for ever).
#include "support/catch.hpp"
#include "support/run.hpp"
#include "support/soak.hpp"

#include <multiprocessing/platform/mapped_ranges.hpp>
#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/platform/memory_object.hpp>

#include <atomic>
#include <cstddef>
#include <optional>
#include <thread>
#include <utility>

namespace platform = multiprocessing::platform;
using platform::mapped_ranges;

namespace {
platform::mapping mapping_of(std::size_t pages) {
    return platform::mapping(platform::memory_object::create(pages * platform::mapping::page_size()));
}
} // namespace

TEST_CASE("mapped_ranges::bytes_from") {
    const std::size_t page = platform::mapping::page_size();

    SECTION("is what is left of the mapping that an address is in") {
        const auto mapped = mapping_of(3);
        REQUIRE(mapped_ranges::bytes_from(mapped.data()) == mapped.size());
        REQUIRE(mapped_ranges::bytes_from(mapped.data() + 1) == mapped.size() - 1);
        REQUIRE(mapped_ranges::bytes_from(mapped.data() + mapped.size() - 1) == 1);
    }
    SECTION("is 0 of an address that the library did not map") {
        const int local = 0;
        REQUIRE(mapped_ranges::bytes_from(&local) == 0);
        REQUIRE(mapped_ranges::bytes_from(nullptr) == 0);
    }
    SECTION("ends with the mapping") {
        auto mapped = std::make_optional(mapping_of(1));
        const std::byte* const where = mapped->data();
        mapped.reset();
        REQUIRE(mapped_ranges::bytes_from(where) == 0);
    }
    SECTION("goes with a mapping that is moved, and an assigned one gives its own up") {
        auto one = mapping_of(1);
        auto two = mapping_of(2);
        const std::byte* const was_one = one.data();
        const std::byte* const was_two = two.data();
        one = std::move(two);
        REQUIRE(mapped_ranges::bytes_from(was_one) == 0);
        REQUIRE(mapped_ranges::bytes_from(was_two) == 2 * page);
        const auto three = std::move(one);
        REQUIRE(mapped_ranges::bytes_from(was_two) == 2 * page);
    }
    SECTION("is known to a child, also when it was forked while another thread maps and asks") {
        const auto mapped = mapping_of(2);
        std::atomic<bool> enough{false};
        std::thread other([&] {
            while (!enough) {
                for (int i = 0; i < 1000; ++i) { // so that the mutex is held half of the time
                    static_cast<void>(mapped_ranges::bytes_from(mapped.data()));
                }
                static_cast<void>(mapping_of(1));
            }
        });
        bool known = true;
        for (int i = 0; i < support::repetitions(50, 500) && known; ++i) {
            known = support::run_child([&] {
                        support::expect(mapped_ranges::bytes_from(mapped.data()) == 2 * page);
                        static_cast<void>(mapping_of(1));
                    }) == 0;
        }
        enough = true;
        other.join();
        REQUIRE(known);
    }
}
