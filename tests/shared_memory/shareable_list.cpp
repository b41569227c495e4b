// ShareableList: the layout, byte by byte; what a corrupt one does; that what is refused changes nothing. With Python itself: tests/interop.
//
// Taken out once, and what failed: the check of the format's length against the slot: "a list with a byte changed" got more than the slot has. The check of
// the index's lower bound: "indices" (Python reads its own metadata there).
#include "support/catch.hpp"
#include "support/names.hpp"
#include "support/start.hpp"

#include <multiprocessing/shared_memory/detail/item_codec.hpp>
#include <multiprocessing/shared_memory/detail/list_layout.hpp>
#include <multiprocessing/shared_memory/shareable_list.hpp>
#include <multiprocessing/shared_memory/shared_memory.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

namespace mp = multiprocessing;
using mp::ShareableItem;
using mp::ShareableList;
using namespace std::string_literals;

namespace {

/// Removes what a test made.
struct unlinked {
    explicit unlinked(const ShareableList& one) : list(one) {}
    ~unlinked() { mp::platform::named_memory::unlink(list.shm().name()); }
    ShareableList list;
};

std::vector<std::byte> bytes_of(const ShareableList& list) {
    const auto all = list.shm().buf();
    return {all.begin(), all.end()};
}

ShareableList howdy() { return {"howdy", mp::bytes("HoWdY"), -273.154, 100, mp::none, true, 42}; }

template <class List>
std::string printed(const List& list) {
    std::ostringstream out;
    out << list;
    return out.str();
}

void change(const ShareableList& list) {
    support::must(list[0] == "howdy" && list.size() == 7);
    list[0] = "changed";
    list[3] = 1.5;
}

/// In private memory of exactly that size, where the address sanitizer sees every access outside.
void decode_all(const std::vector<std::byte>& content) {
    try {
        const auto layout = mp::detail::list_layout::read(content, "a list");
        REQUIRE(layout.end() <= content.size());
        for (std::size_t i = 0; i < layout.items(); ++i) {
            REQUIRE(layout.slot(i) + layout.slot_size(i) <= layout.format(0));
            mp::detail::format_field format;
            std::memcpy(format.data(), content.data() + layout.format(i), format.size());
            mp::ShareableItem item;
            if (mp::detail::decode_item(item, format, static_cast<mp::detail::item_code>(content[layout.code(i)]), content.data() + layout.slot(i),
                                        layout.slot_size(i)) &&
                std::holds_alternative<std::string>(item)) {
                REQUIRE(std::get<std::string>(item).size() <= layout.slot_size(i));
            }
        }
    } catch (const mp::LayoutError&) {
    }
}

/// Uses all of it. What is wrong with it must be said by one of two exceptions, in whatever is called.
int use(const std::string& name) {
    try {
        const ShareableList list(mp::open_only, name);
        const auto room = static_cast<std::ptrdiff_t>(list.size());
        for (std::ptrdiff_t i = -room; i < room; ++i) {
            try {
                const ShareableItem item = list[i];
                std::ostringstream out;
                mp::detail::print_item(out, item);
                REQUIRE(out.str().size() < 1000);
                list[i] = item; // what it holds, it can hold
                REQUIRE(list.get(i).index() == item.index());
            } catch (const mp::LayoutError&) {
            } catch (const std::invalid_argument&) { // the text is not UTF-8 any more
            }
            try {
                list[i] = "01234567";
                REQUIRE(list[i] == "01234567"); // whatever was there
            } catch (const std::length_error&) {
            }
        }
        static_cast<void>(list.format());
        return 1;
    } catch (const mp::LayoutError& error) {
        REQUIRE(std::string(error.what()).find(name) != std::string::npos);
    }
    return 0;
}

} // namespace

TEST_CASE("ShareableList: the layout is CPython's, byte for byte") {
    SECTION("of the example in Python's documentation") {
        const unlinked made(howdy());
        std::vector<std::byte> expected;
        const auto put = [&](auto value) {
            std::array<std::byte, sizeof(value)> raw;
            std::memcpy(raw.data(), &value, sizeof(value));
            expected.insert(expected.end(), raw.begin(), raw.end());
        };
        const auto put_text = [&](std::string_view text) {
            for (std::size_t i = 0; i < 8; ++i) {
                put(i < text.size() ? text[i] : '\0');
            }
        };
        put(std::int64_t{7});
        for (std::int64_t i = 0; i <= 7; ++i) {
            put(8 * i);
        }
        put_text("howdy");
        put_text("HoWdY");
        put(-273.154);
        put(std::int64_t{100});
        put(std::int64_t{0});
        put(std::int64_t{1} << 56);
        put(std::int64_t{42});
        for (const char* each : {"8s", "8s", "d", "q", "xxxxxx?x", "xxxxxxx?", "q"}) {
            put_text(each);
        }
        for (const char each : "\1\2\0\0\3\0"s + '\0') {
            put(each);
        }
        REQUIRE(bytes_of(made.list) == expected);
        REQUIRE(made.list.format() == "8s8sdqxxxxxx?xxxxxxxx?q");
    }
    SECTION("of an empty list") {
        const unlinked made(ShareableList{});
        REQUIRE(bytes_of(made.list) == std::vector<std::byte>(16));
        REQUIRE(made.list.format().empty());
        REQUIRE(made.list.begin() == made.list.end());
    }
    SECTION("has room by the length in bytes") {
        const unlinked made(ShareableList{"", "1234567", "12345678", "éééé", "ééééé", mp::bytes(std::string(100, 'x'))});
        REQUIRE(made.list.format() == "8s8s16s16s16s104s");
    }
    SECTION("says so when zeros at the end are the value's") {
        const unlinked made(ShareableList{mp::bytes("a\0\0"s), "a\0"s, mp::bytes("1234567\0"s), "a\0b"s});
        REQUIRE(made.list.format() == "3s2s8s8s");
        REQUIRE(made.list.shm().size() == 16 + 17 * 4 + 8 + 8 + 16 + 8);
        REQUIRE(std::to_integer<int>(bytes_of(made.list)[made.list.shm().size() - 4]) == 0); // so Python keeps them, too
    }
}

TEST_CASE("ShareableList: items of every kind") {
    SECTION("come back as they were") {
        const std::vector<ShareableItem> items{
            "howdy", mp::bytes("HoWdY"), -273.154, 100, mp::none, true, false, "", mp::bytes(""), "a\0b"s, "a\0\0"s, mp::bytes("a\0\0"s), mp::bytes("\0"s),
            mp::bytes(std::string(8, '\0')), "日本語テキスト", "\xf0\x9f\x98\x80", std::string(100'000, 'x'), std::numeric_limits<std::int64_t>::min(),
            std::numeric_limits<std::int64_t>::max(), std::numeric_limits<double>::infinity(), -0.0, 5e-324};
        const unlinked made(ShareableList(mp::create_only, items));
        const unlinked attached(ShareableList(mp::open_only, made.list.shm().name()));
        for (const ShareableList& list : {made.list, attached.list}) {
            REQUIRE(list.size() == items.size());
            std::size_t i = 0;
            for (const ShareableItem& item : list) {
                CAPTURE(i);
                REQUIRE(item == items[i++]);
            }
            REQUIRE(i == items.size());
        }
    }
    SECTION("of 10 MB are too long") {
        const unlinked made(ShareableList{std::string(9'999'990, 'x')});
        REQUIRE(made.list.format() == "9999992s");
        REQUIRE_THROWS_AS(ShareableList{std::string(10'000'000, 'x')}, std::length_error);
    }
    SECTION("that are text must be UTF-8") {
        for (const std::string& bad : {"\xff"s, "\xc3"s, "a\xc3("s, "\xed\xa0\x80"s, "\xc0\xaf"s, "\xf4\x90\x80\x80"s, "\xe2\x82"s}) {
            REQUIRE_THROWS_AS(ShareableList{bad}, std::invalid_argument);
        }
        for (const std::string& good : {"\x7f"s, "\xc2\x80"s, "\xed\x9f\xbf"s, "\xee\x80\x80"s, "\xf4\x8f\xbf\xbf"s}) {
            const unlinked made(ShareableList{good});
            REQUIRE(made.list[0] == good);
        }
    }
}

TEST_CASE("ShareableList::operator[], get and set") {
    const unlinked made(howdy());
    const ShareableList& list = made.list;

    SECTION("indices") {
        REQUIRE(list[-1] == 42);
        REQUIRE(list[-7] == "howdy");
        const auto before = bytes_of(list);
        for (const std::ptrdiff_t index : {std::ptrdiff_t{7}, std::ptrdiff_t{-8}, std::ptrdiff_t{-9}, std::ptrdiff_t{1000}, std::ptrdiff_t{-1000},
                                           std::numeric_limits<std::ptrdiff_t>::min(), std::numeric_limits<std::ptrdiff_t>::max()}) {
            REQUIRE_THROWS_AS(list[index], std::out_of_range);
            REQUIRE_THROWS_AS(list.get(index), std::out_of_range);
            REQUIRE_THROWS_AS(list.set(index, 9), std::out_of_range);
        }
        REQUIRE(bytes_of(list) == before);
    }
    SECTION("any number, truth value or none takes the place of anything") {
        for (const ShareableItem& item : std::vector<ShareableItem>{1, 2.5, true, mp::none, 3}) {
            for (std::ptrdiff_t i = 0; i < 7; ++i) {
                list[i] = item;
                REQUIRE(list.get(i) == item);
            }
        }
        REQUIRE(list.format() == "qqqqqqq");
    }
    SECTION("text and bytes take any place they fit in, and may use all of it") {
        for (std::ptrdiff_t i = 0; i < 7; ++i) {
            list[i] = "12345678";
            REQUIRE(list.get(i) == ShareableItem("12345678"));
            list[i] = mp::bytes("ab\0"s);
            REQUIRE(list.get(i) == ShareableItem(mp::bytes("ab\0"s)));
            list[i] = "x";
            REQUIRE(list.get(i) == ShareableItem("x"));
        }
        REQUIRE(list.format() == "8s8s8s8s8s8s8s");
        list[0] = mp::bytes("1234567\0"s); // fills the place: nothing can say whose the zero is
        REQUIRE(list.get(0) == ShareableItem(mp::bytes("1234567")));
    }
    SECTION("what is refused changes nothing") {
        const auto before = bytes_of(list);
        for (std::ptrdiff_t i = 0; i < 7; ++i) {
            REQUIRE_THROWS_AS(list[i] = "123456789", std::length_error);
            REQUIRE_THROWS_AS(list[i] = "éééée", std::length_error); // nine bytes
            REQUIRE_THROWS_AS(list[i] = mp::bytes("123456789"), std::length_error);
            REQUIRE_THROWS_AS(list[i] = "\xff", std::invalid_argument);
        }
        REQUIRE(bytes_of(list) == before);
    }
    SECTION("an item is assigned to another as its value") {
        list[0] = list[1];
        list[5] = list[2];
        REQUIRE(list[0] == mp::bytes("HoWdY"));
        REQUIRE(list[5] == -273.154);
    }
    SECTION("get<T> gives the value itself, or says what it is") {
        REQUIRE(list[2].get<double>() == -273.154);
        REQUIRE(list[0].get<std::string>() == "howdy");
        REQUIRE(list[3].get<std::int64_t>() == 100);
        try {
            static_cast<void>(list[4].get<double>());
            FAIL("None is a double");
        } catch (const std::invalid_argument& error) {
            REQUIRE(std::string(error.what()).find("item 4") != std::string::npos);
            REQUIRE(std::string(error.what()).find("None") != std::string::npos);
        }
    }
}

TEST_CASE("ShareableList::count and index") {
    const unlinked made(ShareableList{1, true, 1.0, "1", mp::bytes("1"), mp::none, 2, 2});
    REQUIRE(made.list.count(1) == 3);
    REQUIRE(made.list.count(true) == 3);
    REQUIRE(made.list.count("1") == 1);
    REQUIRE(made.list.count(3) == 0);
    REQUIRE(made.list.index(2) == 6);
    REQUIRE(made.list.index(mp::bytes("1")) == 4);
    REQUIRE(made.list.index(mp::none) == 5);
    REQUIRE_THROWS_AS(made.list.index("2"), std::invalid_argument);
}

TEST_CASE("ShareableList: copies, duplicates and names") {
    const unlinked made(howdy());
    const support::unused_name name;
    SECTION("a copy is the same list") {
        const ShareableList same = made.list; // NOLINT
        same[0] = "same";
        REQUIRE(made.list[0] == "same");
    }
    SECTION("a duplicate is another one") {
        const unlinked twin(ShareableList(mp::create_only, made.list));
        const unlinked named(ShareableList(mp::create_only, name.text(), made.list));
        REQUIRE(bytes_of(twin.list) == bytes_of(made.list));
        REQUIRE(named.list.shm().name() == name.text());
        twin.list[0] = "twin";
        REQUIRE(made.list[0] == "howdy");
    }
    SECTION("a name that is taken, and one that is not there") {
        const unlinked named(ShareableList(mp::create_only, name.text(), {1, 2}));
        try {
            const ShareableList again(mp::create_only, name.text(), {3});
            FAIL("it was made twice");
        } catch (const std::system_error& error) {
            REQUIRE(error.code() == std::errc::file_exists);
        }
        REQUIRE(named.list[0] == 1);
        REQUIRE_THROWS_AS(ShareableList(mp::open_only, name.with("-not")), std::system_error);
    }
}

TEST_CASE("ShareableList is printed as Python prints it") {
    const unlinked made(howdy());
    REQUIRE(printed(made.list) ==
            "ShareableList(['howdy', b'HoWdY', -273.154, 100, None, True, 42], name='" + made.list.shm().name() + "')");
    REQUIRE(printed(made.list[1]) == "b'HoWdY'");
    const unlinked empty(ShareableList{});
    REQUIRE(printed(empty.list) == "ShareableList([], name='" + empty.list.shm().name() + "')");
}

TEST_CASE("ShareableList is passed to processes") {
    for (const auto method : support::start_methods) {
        const unlinked made(howdy());
        REQUIRE(support::exit_code(support::start<change>(method, made.list)) == 0);
        REQUIRE(made.list[0] == "changed");
        REQUIRE(made.list[3] == 1.5);
    }
}

TEST_CASE("ShareableList: what is no list is a LayoutError, and nothing outside of it is read") {
    const unlinked made(ShareableList{"text", mp::bytes("1234567890"), 1.5, 7, mp::none, true});
    const std::vector<std::byte> good = bytes_of(made.list);
    const auto use_bytes = [](std::span<const std::byte> content) {
        decode_all({content.begin(), content.end()});
        const support::unused_name name;
        const mp::SharedMemory memory(mp::create_only, name.text(), content.size());
        std::ranges::copy(content, memory.buf().begin());
        return use(name);
    };
    REQUIRE(use_bytes(good) == 1);

    SECTION("a list that is cut off") {
        for (std::size_t size = 1; size < good.size(); ++size) {
            REQUIRE(use_bytes(std::span(good).first(size)) == 0);
        }
    }
    SECTION("a list with a byte changed") {
        int usable = 0;
        for (std::size_t i = 0; i < good.size(); ++i) {
            for (const int flip : {0x01, 0x80, 0xff, 0x08}) {
                auto bad = good;
                bad[i] ^= static_cast<std::byte>(flip);
                usable += use_bytes(bad);
            }
        }
        REQUIRE(usable > 0); // most of the content, for example
    }
    SECTION("lengths at their extremes") {
        for (const std::int64_t number : {std::int64_t{-1}, std::int64_t{1} << 32, std::numeric_limits<std::int64_t>::max(),
                                          std::numeric_limits<std::int64_t>::max() / 17, std::numeric_limits<std::int64_t>::min()}) {
            for (std::size_t at = 0; at < 64; at += 8) {
                auto bad = good;
                std::memcpy(bad.data() + at, &number, sizeof(number));
                REQUIRE(use_bytes(bad) == 0);
            }
        }
    }
    SECTION("noise") {
        std::mt19937 random(1);
        for (int i = 0; i < 500; ++i) {
            auto bad = good;
            for (int n = 0; n < 5; ++n) {
                bad[random() % bad.size()] = static_cast<std::byte>(random());
            }
            use_bytes(bad);
        }
    }
    SECTION("memory that is all zero is the empty list, which CPython writes so") {
        REQUIRE(use_bytes(std::vector<std::byte>(4096)) == 1);
    }
    SECTION("both sides are named") {
        const support::unused_name name;
        const mp::SharedMemory memory(mp::create_only, name.text(), 5);
        try {
            const ShareableList list(mp::open_only, name.text());
            FAIL("it is a list");
        } catch (const mp::LayoutError& error) {
            const std::string what = error.what();
            REQUIRE(what.find(name.text()) != std::string::npos);
            REQUIRE(what.find("of 5 bytes was opened as a ShareableList") != std::string::npos);
        }
    }
}

TEST_CASE("ShareableList: what is written to its head later leads nobody outside") {
    const unlinked made(howdy());
    std::memset(made.list.shm().buf().data(), 0xff, 16);
    REQUIRE(made.list.size() == 7);
    REQUIRE(made.list[-1] == 42);
}
