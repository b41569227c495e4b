// Copying what was stored a moment ago: each byte, and none beside.
//
// Taken out once, to see it fail: without the copy of what is left behind the last whole word, "copies all bytes and no other"; with a loop that takes a word
// for the last few bytes too, the same case (it crashes).

#include "support/catch.hpp"

#include <multiprocessing/robust/copy_bytes.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

TEST_CASE("copy_bytes") {
    using multiprocessing::robust::copy_bytes;
    constexpr std::size_t room = 300;
    constexpr std::byte untouched{0xee};
    std::array<std::byte, room> from{};
    for (std::size_t i = 0; i < room; ++i) {
        from[i] = static_cast<std::byte>(i % 200); // never `untouched`
    }

    SECTION("copies all bytes and no other, of every length around the longest of the few, at every place in a word") {
        std::size_t wrong = 0;
        for (std::size_t bytes = 0; bytes <= 260; ++bytes) {
            for (std::size_t to_at = 1; to_at <= 8; ++to_at) {
                for (const std::size_t from_at : {std::size_t{0}, std::size_t{3}, to_at}) {
                    std::array<std::byte, room> to;
                    to.fill(untouched);
                    copy_bytes(to.data() + to_at, from.data() + from_at, bytes);
                    const bool all = bytes == 0 || std::memcmp(to.data() + to_at, from.data() + from_at, bytes) == 0;
                    wrong += all && to[to_at - 1] == untouched && to[to_at + bytes] == untouched ? 0u : 1u;
                }
            }
        }
        CHECK(wrong == 0);
    }
    SECTION("sees what was stored just before, in part of what is copied") {
        struct pair {
            std::uint64_t first, second;
        };
        pair here{1, 2};
        pair there{};
        for (std::uint64_t i = 0; i < 1000; ++i) {
            here.second = i;
            copy_bytes(reinterpret_cast<std::byte*>(&there), reinterpret_cast<const std::byte*>(&here), sizeof(here));
            REQUIRE(there.first == 1);
            REQUIRE(there.second == i);
        }
    }
}
