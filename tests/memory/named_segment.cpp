// The memory of one named object: what is found is what was made, or LayoutError. (Corruption, byte by byte: robustness/named_layout.cpp.)
#include "support/catch.hpp"
#include "support/names.hpp"

#include <multiprocessing/memory/named_segment.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace mp = multiprocessing;
using mp::detail::named_header;
using mp::detail::named_kind;
using mp::memory::named_content;
using mp::memory::named_segment;

namespace {

named_content content(const std::string& format = "i4", std::optional<std::uint64_t> count = 3) {
    return {named_kind::raw_array, format, 4, 4, count, 0, {0, 4}};
}

mp::memory::named_object make(const support::unused_object& name, const named_content& what) {
    return *named_segment::create(name, what, [](std::byte* begin) { std::memcpy(begin, "content", 8); });
}

/// What it says to one who opens it as that.
std::string refusal_of(const support::unused_object& name, const named_content& expected) {
    try {
        static_cast<void>(named_segment::open(name, expected));
        return {};
    } catch (const mp::LayoutError& error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("named_segment::create and open") {
    const support::unused_object name;
    REQUIRE_FALSE(named_segment::open(name, content()).has_value());
    const auto made = make(name, content());

    SECTION("the name is taken") {
        REQUIRE_FALSE(named_segment::create(name, content(), [](std::byte*) {}).has_value());
    }
    SECTION("opened, it is the same memory") {
        const auto found = named_segment::open(name, content());
        REQUIRE(found->count == 3);
        REQUIRE(std::memcmp(found->object.address(), "content", 8) == 0);
        REQUIRE(found->object.address() != made.object.address()); // mapped a second time
        *made.object.address() = std::byte{'C'};
        REQUIRE(*found->object.address() == std::byte{'C'});
    }
    SECTION("of any number of elements, when none is asked for") {
        REQUIRE(named_segment::open(name, content("i4", std::nullopt))->count == 3);
    }
    SECTION("what was expected and what is there are both named when they differ") {
        auto other = content();
        REQUIRE(refusal_of(name, content("f4")).find("\"" + name.text() + "\" is a RawArray of 3 x i4, and was opened as a RawArray of 3 x f4") !=
                std::string::npos);
        REQUIRE(refusal_of(name, content("i4", 4)).find("is a RawArray of 3 x i4, and was opened as a RawArray of 4 x i4") != std::string::npos);
        REQUIRE(refusal_of(name, content("f4", std::nullopt)).find("opened as a RawArray of any number x f4") != std::string::npos);
        other.kind = named_kind::shared_array;
        REQUIRE(refusal_of(name, other).find("is a RawArray of 3 x i4, and was opened as a SharedArray of 3 x i4") != std::string::npos);
        for (const auto change : {+[](named_content& what) { what.element_bytes = 8; }, +[](named_content& what) { what.element_alignment = 8; },
                                  +[](named_content& what) { what.value_offset = 16; }}) {
            other = content();
            change(other);
            REQUIRE_FALSE(refusal_of(name, other).empty());
        }
        other = content();
        other.bytes_for = {1, 4};
        REQUIRE(refusal_of(name, other).find("does not take " + std::to_string(sizeof(named_header) + 12) + " bytes") != std::string::npos);
    }
    SECTION("a format that is longer than its field is told apart to its end") {
        const support::unused_object long_name;
        const std::string text(500, 'x');
        const auto kept = make(long_name, content(text + "1"));
        REQUIRE(named_segment::open(long_name, content(text + "1")).has_value());
        REQUIRE_FALSE(refusal_of(long_name, content(text + "2")).empty());
    }
}

TEST_CASE("named_header, as it lies in memory") { // the numbers of docs/named_objects.md
    const support::unused_object name;
    auto what = content("{0:i4}4");
    what.life_scope = 2;
    what.life_table = 0x0102030405060708;
    const auto made = make(name, what);
    const std::byte* const begin = made.object.address() - 256;
    const auto number = [&](std::size_t offset, std::size_t bytes) {
        std::uint64_t value = 0;
        for (std::size_t i = bytes; i-- > 0;) { // on both systems that there are, the lowest byte is the first
            value = value << 8 | std::to_integer<std::uint64_t>(begin[offset + i]);
        }
        return value;
    };
    REQUIRE(std::memcmp(begin, "mp-named", 8) == 0);
    REQUIRE(number(8, 4) == 1);                          // version
    REQUIRE(number(12, 4) == 2);                         // kind
    REQUIRE(number(16, 8) == 256 + 12);                  // total_bytes
    REQUIRE(number(24, 8) == 256);                       // object_offset
    REQUIRE(number(32, 8) == 256);                       // value_offset
    REQUIRE(number(40, 8) == 4);                         // element_bytes
    REQUIRE(number(48, 8) == 4);                         // element_alignment
    REQUIRE(number(56, 8) == 3);                         // count
    REQUIRE(number(64, 8) == mp::detail::fnv1a("{0:i4}4")); // fingerprint
    REQUIRE(number(72, 8) == 0x0102030405060708);        // life_table
    REQUIRE(number(80, 4) == 2);                         // life_scope
    REQUIRE(number(84, 4) == 0);                         // flags
    REQUIRE(std::strcmp(reinterpret_cast<const char*>(begin + 88), "{0:i4}4") == 0);
    REQUIRE(number(248, 8) == mp::detail::fnv1a({reinterpret_cast<const char*>(begin), 248}));
    REQUIRE(mp::detail::fnv1a("") == 0xcbf29ce484222325);
    REQUIRE(mp::detail::fnv1a("a") == 0xaf63dc4c8601ec8c); // a published test vector of FNV-1a
}
