#include <multiprocessing/memory/named_header.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstring>

namespace detail = multiprocessing::detail;

TEST_CASE("named_header") {
    SECTION("its hash is FNV-1a of 64 bits, so that other languages can check it") {
        static_assert(detail::fnv1a("") == 0xcbf29ce484222325U);
        static_assert(detail::fnv1a("a") == 0xaf63dc4c8601ec8cU);
        static_assert(detail::fnv1a("foobar") == 0x85944171f73967e8U);
        static_assert(detail::fnv1a("bar", detail::fnv1a("foo")) == detail::fnv1a("foobar"));
    }
    SECTION("its checksum covers each byte in front of it") {
        detail::named_header header{};
        const auto before = header.expected_checksum();
        for (std::size_t i = 0; i < sizeof header; ++i) {
            auto changed = header;
            reinterpret_cast<unsigned char*>(&changed)[i] ^= 1;
            REQUIRE((changed.expected_checksum() == before) == (i >= offsetof(detail::named_header, checksum)));
        }
    }
    SECTION("its format may fill its place, without a NUL") {
        detail::named_header header{};
        REQUIRE(header.format_text().empty());
        std::memset(header.format, 'x', detail::named_header::format_size);
        REQUIRE(header.format_text().size() == detail::named_header::format_size);
    }
    SECTION("an object's own table of lives is behind it, on a line of its own") {
        using header = detail::named_header;
        static_assert(header::table_behind(260, header::own_table) == 320 && header::table_behind(320, header::own_table) == 320);
        static_assert(header::table_behind(260, 1) == 0 && header::bytes_with_table(260, 1) == 260);
        static_assert(header::bytes_with_table(260, header::own_table) == 320 + 64 + 1024 * 64);
    }
}
