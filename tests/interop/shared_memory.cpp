// CPython itself on the other side of SharedMemory and ShareableList: made, read, changed and removed by either.
#include "support/catch.hpp"
#include "support/names.hpp"
#include "support/python.hpp"
#include "support/run.hpp"

#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/shared_memory.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace mp = multiprocessing;
using mp::ShareableItem;
using mp::ShareableList;
using mp::platform::named_memory;
using support::run_python;
using namespace std::string_literals;

namespace {

/// One of each kind, and what is awkward: empty, long, multi-byte, with zeros inside, at the ends of the numbers.
const std::vector<ShareableItem> everything{"howdy",
                                            mp::bytes("HoWdY"),
                                            -273.154,
                                            100,
                                            mp::none,
                                            true,
                                            false,
                                            42,
                                            "",
                                            mp::bytes(""),
                                            "12345678",
                                            mp::bytes("12345678"),
                                            "日本語テキスト",
                                            "\xf0\x9f\x98\x80é",
                                            "a\0b"s,
                                            mp::bytes("a\0\xff"s + "b"),
                                            std::string(100'000, 'x'),
                                            mp::bytes(std::string(100'001, 'y')),
                                            std::numeric_limits<std::int64_t>::min(),
                                            std::numeric_limits<std::int64_t>::max(),
                                            1e300,
                                            -0.0};

constexpr const char* everything_in_python =
    R"(["howdy", b"HoWdY", -273.154, 100, None, True, False, 42, "", b"", "12345678", b"12345678", "日本語テキスト", "\U0001F600é",
    "a\0b", b"a\0\xffb", "x" * 100_000, b"y" * 100_001, -2**63, 2**63 - 1, 1e300, -0.0])";

std::vector<std::byte> bytes_of(const mp::SharedMemory& memory) {
    return {memory.buf().begin(), memory.buf().end()};
}

/// Runs it, and shows what Python said when it was not content.
std::string python(const std::string& script, const std::vector<std::string>& arguments) {
    const auto result = run_python(script, arguments);
    INFO(result.err);
    REQUIRE(result.err.empty());
    REQUIRE(result.code == 0);
    return result.out;
}

} // namespace

TEST_CASE("Python: SharedMemory") {
    const support::unused_name name;
    SECTION("made here; read, changed and left alone by Python") {
        const mp::SharedMemory memory(mp::create_only, name.text(), 100);
        std::memcpy(memory.buf().data(), "from C++", 8);
        const std::string out = python(R"(
memory = opened(sys.argv[1])
print(memory.size, bytes(memory.buf[:8]), memory.name == sys.argv[1])
memory.buf[99] = 7
memory.close()
)",
                                       {name});
        REQUIRE(out == "100 b'from C++' True\n");
        REQUIRE(memory.buf()[99] == std::byte{7});
        REQUIRE(named_memory::exists(name));
    }
    SECTION("made by Python; read and changed here, and seen by another Python") {
        python("memory = untracked(SharedMemory(sys.argv[1], create=True, size=5)); memory.buf[:5] = b'hello'", {name});
        const mp::SharedMemory memory(mp::open_only, name.text());
        REQUIRE(memory.size() == 5);
        REQUIRE(std::memcmp(memory.buf().data(), "hello", 5) == 0);
        memory.buf()[0] = std::byte{'J'};
        REQUIRE(python("memory = opened(sys.argv[1]); print(bytes(memory.buf))", {name}) == "b'Jello'\n");
        memory.unlink();
        REQUIRE(python(R"(
try:
    SharedMemory(sys.argv[1])
except FileNotFoundError:
    print("gone")
)",
                       {name}) == "gone\n");
    }
    SECTION("removed by Python: those who have it keep it") {
        const mp::SharedMemory memory(mp::create_only, name.text(), 100);
        python("SharedMemory(sys.argv[1]).unlink()", {name});
        REQUIRE_FALSE(named_memory::exists(name));
        memory.buf()[0] = std::byte{1};
    }
    SECTION("a name that is taken is taken on both sides") {
        const mp::SharedMemory memory(mp::create_only, name.text(), 100);
        REQUIRE(python(R"(
try:
    SharedMemory(sys.argv[1], create=True, size=10)
except FileExistsError:
    print("taken")
)",
                       {name}) == "taken\n");
    }
    SECTION("random names look alike") {
        const std::string theirs = python("memory = SharedMemory(create=True, size=1); print(memory.name, end=''); memory.unlink()", {});
        const mp::SharedMemory ours(mp::create_only, 1);
        REQUIRE(theirs.size() == ours.name().size());
        REQUIRE(theirs.substr(0, 4) == ours.name().substr(0, 4));
        ours.unlink();
    }
    SECTION("opened by Python the plain way, it is removed when that ends, and by the way in the documentation it is not") {
        const mp::SharedMemory memory(mp::create_only, name.text(), 100);
        python("opened(sys.argv[1]).close()", {name});
        REQUIRE(named_memory::exists(name));
        const auto result = run_python("SharedMemory(sys.argv[1]).close(); print(sys.version_info >= (3, 13))", {name});
        REQUIRE(result.code == 0);
        if (!named_memory::exists(name)) { // true of Python up to 3.12, and of later ones unless track=False
            REQUIRE(result.err.find("leaked shared_memory") != std::string::npos);
        }
    }
}

TEST_CASE("Python: SharedMemory as an array of numpy, without a copy") {
    if (!support::python_has("numpy")) {
        WARN("not tested: " MULTIPROCESSING_TEST_PYTHON " has no numpy");
        return;
    }
    const support::unused_name name;
    const mp::SharedMemory memory(mp::create_only, name.text(), 1000 * sizeof(double));
    double* const numbers = reinterpret_cast<double*>(memory.buf().data());
    for (int i = 0; i < 1000; ++i) {
        numbers[i] = i;
    }
    REQUIRE(python(R"(
import numpy
memory = opened(sys.argv[1])
numbers = numpy.ndarray(1000, dtype=numpy.float64, buffer=memory.buf)
print(numbers.sum())
numbers *= 2
del numbers
memory.close()
)",
                   {name}) == "499500.0\n");
    REQUIRE(numbers[999] == 1998);
}

TEST_CASE("Python: ShareableList") {
    const support::unused_name name;
    SECTION("made here, Python reads every kind of item") {
        const ShareableList list(mp::create_only, name.text(), everything);
        REQUIRE(python("print(list(opened_list(sys.argv[1])) == "s + everything_in_python + ")", {name}) == "True\n");
        // Equal is not enough: True == 1 == 1.0.
        std::string types;
        for (const ShareableItem& each : everything) {
            constexpr const char* names[] = {"NoneType", "bool", "int", "float", "str", "bytes"};
            types += names[each.index()] + " "s;
        }
        REQUIRE(python("print(*(type(each).__name__ for each in opened_list(sys.argv[1])), '')", {name}) == types + "\n");
        REQUIRE(python("print(opened_list(sys.argv[1]).format)", {name}) == list.format() + "\n");
    }
    SECTION("made by Python, every kind of item is read here") {
        // Python gives a text room for its characters, not its bytes (gh-88336): those that are longer in UTF-8 are cut by Python itself.
        python("made = untracked(ShareableList("s + everything_in_python + ", name=sys.argv[1]).shm)", {name});
        const ShareableList list(mp::open_only, name.text());
        REQUIRE(list.size() == everything.size());
        for (std::size_t i = 0; i < everything.size(); ++i) {
            CAPTURE(i);
            const ShareableItem item = list.get(static_cast<std::ptrdiff_t>(i));
            if (everything[i] == ShareableItem("日本語テキスト")) {
                REQUIRE(item == ShareableItem("日本語テキスト"s.substr(0, 8)));
            } else {
                REQUIRE(item == everything[i]);
            }
        }
    }
    SECTION("of the same items is the same bytes on both sides") {
        const std::vector<ShareableItem> items{"howdy", mp::bytes("HoWdY"), -273.154, 100, mp::none, true, 42, "", "12345678", mp::bytes(std::string(1000, 'z'))};
        const ShareableList ours(mp::create_only, name.text(), items);
        const support::unused_name other;
        python("untracked(ShareableList(['howdy', b'HoWdY', -273.154, 100, None, True, 42, '', '12345678', b'z' * 1000], name=sys.argv[1]).shm)", {other});
        REQUIRE(bytes_of(ShareableList(mp::open_only, other.text()).shm()) == bytes_of(ours.shm()));
    }
    SECTION("empty, from either side") {
        const ShareableList ours(mp::create_only, name.text(), {});
        REQUIRE(python("items = opened_list(sys.argv[1]); print(list(items), len(items), repr(items.format))", {name}) == "[] 0 ''\n");
        const support::unused_name other;
        python("untracked(ShareableList([], name=sys.argv[1]).shm)", {other});
        const ShareableList theirs(mp::open_only, other.text());
        REQUIRE(theirs.empty());
        REQUIRE(bytes_of(theirs.shm()) == bytes_of(ours.shm()));
    }
    SECTION("changed by Python, every kind to every kind") {
        const ShareableList list(mp::create_only, name.text(), {1, 2.5, true, mp::none, "text", mp::bytes("bytes"), 7});
        const std::vector<ShareableItem> values{-5, 0.25, false, mp::none, "téxt", mp::bytes("b\xfe"), "12345678"};
        const std::string values_in_python = R"([-5, 0.25, False, None, "téxt", b"b\xfe", "12345678"])";
        for (std::size_t shift = 0; shift < values.size(); ++shift) {
            python("items = opened_list(sys.argv[1]); values = " + values_in_python + R"(
for i in range(7):
    items[i] = values[(i + int(sys.argv[2])) % 7]
)",
                   {name, std::to_string(shift)});
            for (std::size_t i = 0; i < values.size(); ++i) {
                CAPTURE(shift, i);
                REQUIRE(list.get(static_cast<std::ptrdiff_t>(i)) == values[(i + shift) % values.size()]);
            }
        }
    }
    SECTION("changed here, every kind to every kind, and read by Python; one that Python made") {
        python("untracked(ShareableList([1, 2.5, True, None, 'text', b'bytes', 7], name=sys.argv[1]).shm)", {name});
        const ShareableList list(mp::open_only, name.text());
        const std::vector<ShareableItem> values{-5, 0.25, false, mp::none, "téxt", mp::bytes("b\xfe"), "12345678"};
        const std::vector<std::string> values_in_python{"-5", "0.25", "False", "None", "'téxt'", "b'b\\xfe'", "'12345678'"};
        for (std::size_t shift = 0; shift < values.size(); ++shift) {
            std::string expected;
            for (std::size_t i = 0; i < values.size(); ++i) {
                list[static_cast<std::ptrdiff_t>(i)] = values[(i + shift) % values.size()];
                expected += (i == 0 ? "[" : ", ") + values_in_python[(i + shift) % values.size()];
            }
            CAPTURE(shift);
            REQUIRE(python("print(list(opened_list(sys.argv[1])))", {name}) == expected + "]\n");
        }
    }
    SECTION("zeros at the end: bytes keep them on both sides, text on this one") {
        const ShareableList list(mp::create_only, name.text(), {mp::bytes("a\0\0"s), "a\0\0"s});
        REQUIRE(python("print(list(opened_list(sys.argv[1])))", {name}) == "[b'a\\x00\\x00', 'a']\n");
        REQUIRE(list[0] == mp::bytes("a\0\0"s));
        REQUIRE(list[1] == "a\0\0"s);
    }
    SECTION("what Python refuses as too long is refused here, and the other way round") {
        const ShareableList list(mp::create_only, name.text(), {"1234567"});
        REQUIRE_THROWS_AS(list[0] = "123456789", std::length_error);
        REQUIRE(python(R"(
try:
    opened_list(sys.argv[1])[0] = "123456789"
except ValueError as error:
    print(error)
)",
                       {name}) == "bytes/str item exceeds available storage\n");
        REQUIRE(list[0] == "1234567");
    }
    SECTION("count, index and repr agree") {
        const ShareableList list(mp::create_only, name.text(), {1, true, 1.0, "1", mp::bytes("it's"), mp::none, 1e22, -0.5, "it's", 1.5e-7});
        std::ostringstream ours;
        ours << list << ' ' << list.count(1) << ' ' << list.index("1") << ' ' << list.count(mp::none) << '\n';
        REQUIRE(python("items = opened_list(sys.argv[1]); print(items, items.count(1), items.index('1'), items.count(None))", {name}) == ours.str());
    }
    SECTION("removed by Python, and by us") {
        const ShareableList list(mp::create_only, name.text(), {1});
        python("ShareableList(name=sys.argv[1]).shm.unlink()", {name});
        REQUIRE_FALSE(named_memory::exists(name));
        REQUIRE(list[0] == 1);
        python("untracked(ShareableList([1], name=sys.argv[1]).shm)", {name});
        ShareableList(mp::open_only, name.text()).shm().unlink();
        REQUIRE_FALSE(named_memory::exists(name));
    }
}

TEST_CASE("Python: what a SharedMemoryManager made is gone for Python, too") {
    std::string name;
    {
        mp::SharedMemoryManager manager;
        manager.start();
        const ShareableList list = manager.ShareableList({"howdy", 1});
        name = list.shm().name();
        REQUIRE(python("print(list(opened_list(sys.argv[1])))", {name}) == "['howdy', 1]\n");
    }
    REQUIRE(python(R"(
try:
    ShareableList(name=sys.argv[1])
except FileNotFoundError:
    print("gone")
)",
                   {name}) == "gone\n");
}
