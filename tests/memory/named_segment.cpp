// The memory of one named object: what is found is what was made, or LayoutError. (Corruption, byte by byte: robustness/named_layout.cpp.)
// And one mapping for each object in a process.
//
// Taken out once, and what failed: the table's look at what a mapping is for (segment_key): "to be read only"; the refusal of a mapping that is about to go
// (named_segment::try_retain): the threads, by SIGSEGV. Without the table all of "one mapping for each object" fails, but for the other object's.
#include "support/catch.hpp"
#include "support/names.hpp"

#include <multiprocessing/memory/attached_segment.hpp>
#include <multiprocessing/memory/named_segment.hpp>
#include <multiprocessing/platform/access.hpp>
#include <multiprocessing/platform/named_memory.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

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
        REQUIRE(found->object.address() == made.object.address());
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

TEST_CASE("named_segment: one mapping for each object") {
    const support::unused_object name;
    auto made = std::make_unique<mp::memory::named_object>(make(name, content()));
    std::byte* const place = made->object.address();
    const auto open = [&] { return *named_segment::open(name, content()); };
    const auto open_to_read = [&] {
        const auto what = content();
        return *named_segment::open(name, {&what, 1}, mp::platform::access::read_only);
    };

    SECTION("whoever opens it how often has it at the same address, also when its maker is gone") {
        const auto first = open();
        made.reset();
        const auto second = open();
        REQUIRE(first.object.address() == place);
        REQUIRE(second.object.address() == place);
    }
    SECTION("another object is at another one") {
        const support::unused_object other;
        const auto another = make(other, content());
        REQUIRE(another.object.address() != place);
        REQUIRE(named_segment::open(other, content())->object.address() == another.object.address());
    }
    SECTION("to be read only, it is mapped apart, and once") {
        const auto reader = open_to_read();
        const auto second = open_to_read();
        REQUIRE(reader.object.address() != place);
        REQUIRE(second.object.address() == reader.object.address());
        REQUIRE(open().object.address() == place);
        *place = std::byte{'C'};
        REQUIRE(*reader.object.address() == std::byte{'C'});
    }
    SECTION("opened to be read only first, it can be written by those who open it later") {
        const auto reader = open_to_read();
        made.reset(); // the last that could write
        const auto writer = open();
        REQUIRE(writer.object.address() != reader.object.address());
        *writer.object.address() = std::byte{'C'};
        REQUIRE(*reader.object.address() == std::byte{'C'});
    }
    SECTION("made anew by the same name, it is another object") {
        if (mp::platform::names_stay) {
            REQUIRE(mp::platform::named_memory::unlink(name.file()));
            const auto again = make(name, content());
            REQUIRE(again.object.address() != place);
            REQUIRE(open().object.address() == again.object.address());
            *again.object.address() = std::byte{'C'};
            REQUIRE(std::memcmp(place, "content", 8) == 0);
        }
    }
    SECTION("handed over by its handle, it is where it is") {
        mp::memory::attached_segment attached((*mp::platform::named_memory::open(name.file(), mp::platform::access::read_write)).object());
        REQUIRE(attached.at(named_segment::object_offset).address() == place);
        REQUIRE(attached.size() >= named_segment::object_offset + 12);
    }
}

TEST_CASE("named_segment: threads that open and close the same object") {
    constexpr int opens = mp::platform::names_stay ? 3'000 : 100; // wine takes its time
    const support::unused_object name;
    auto maker = std::make_unique<mp::memory::named_object>(make(name, content()));
    if (mp::platform::names_stay) {
        maker.reset(); // so that it is unmapped now and then
    }
    std::array<std::atomic<const std::byte*>, 4> held{};
    std::atomic<int> different{0};
    std::vector<std::thread> threads;
    for (auto& mine : held) {
        threads.emplace_back([&] {
            for (int i = 0; i < opens; ++i) {
                const auto first = named_segment::open(name, content());
                const std::byte* const place = first->object.address();
                mine = place;
                // What another one holds now, while this one holds its own, is at the same place.
                for (const auto& other : held) {
                    const std::byte* const there = other;
                    different += there != nullptr && there != place ? 1 : 0;
                }
                different += std::memcmp(place, "content", 8) != 0 ? 1 : 0;
                mine = nullptr;
            }
        });
    }
    for (auto& each : threads) {
        each.join();
    }
    REQUIRE(different == 0);
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
    REQUIRE(number(8, 4) == 2);                          // version
    REQUIRE(number(12, 4) == 2);                         // kind
    REQUIRE(number(16, 8) == 320 + 64 + 1024 * 64);      // total_bytes
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
    REQUIRE(number(240, 8) == 320);                      // life_offset
    REQUIRE(number(248, 8) == mp::detail::fnv1a({reinterpret_cast<const char*>(begin), 248}));
    REQUIRE(mp::detail::fnv1a("") == 0xcbf29ce484222325);
    REQUIRE(mp::detail::fnv1a("a") == 0xaf63dc4c8601ec8c); // a published test vector of FNV-1a
}
