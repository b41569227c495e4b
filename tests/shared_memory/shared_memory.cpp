// SharedMemory on every system. What POSIX alone shows (names that stay, a full /dev/shm) is in tests/robustness.
#include "support/catch.hpp"
#include "support/names.hpp"
#include "support/start.hpp"

#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/shared_memory/shared_memory.hpp>

#include <boost/interprocess/creation_tags.hpp>

#include <algorithm>
#include <cctype>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace mp = multiprocessing;

namespace {

/// What a call is refused with; nothing when it is not refused, or its words do not say that.
template <class Call>
std::error_code refusal_of(Call call, const std::string& words) {
    try {
        call();
    } catch (const std::system_error& error) {
        if (std::string(error.what()).find(words) != std::string::npos) {
            return error.code();
        }
    }
    return {};
}

void add_one(const mp::SharedMemory& memory, std::size_t at) {
    support::must(memory.size() == 100);
    memory.buf()[at] = static_cast<std::byte>(std::to_integer<int>(memory.buf()[at]) + 1);
}

void look(const mp::ReadOnlySharedMemory& memory) { support::must(memory.buf()[7] == std::byte{7}); }

} // namespace

TEST_CASE("SharedMemory(open_or_create, name, size)") {
    const support::unused_name name;
    const mp::SharedMemory made(mp::open_or_create, name.text(), 100);
    REQUIRE(made.size() == 100);
    made.buf()[7] = std::byte{7};
    const mp::SharedMemory there(mp::open_or_create, name.text(), 50);
    REQUIRE(there.size() >= 100);
    REQUIRE(there.buf()[7] == std::byte{7});
    SECTION("refuses one that is smaller") {
        REQUIRE_THROWS_AS(mp::SharedMemory(mp::open_or_create, name.text(), 100'000), mp::LayoutError);
    }
    if constexpr (mp::platform::names_stay) {
        SECTION("refuses one without any bytes, which CPython has left before it gave it its size") {
            const support::unused_name empty;
            std::ofstream("/dev/shm/" + empty.text()).close();
            REQUIRE_THROWS_AS(mp::SharedMemory(mp::open_or_create, empty.text(), 64 << 20), mp::LayoutError);
        }
        SECTION("refuses one that more users may write than it would let") {
            const support::unused_name open_to_all;
            const mp::SharedMemory memory(mp::create_only, open_to_all.text(), 10, std::filesystem::perms(0666));
            REQUIRE(refusal_of([&] { mp::SharedMemory(mp::open_or_create, open_to_all.text(), 10); }, "can be written by users whom you would not let") ==
                    std::errc::permission_denied);
            REQUIRE(mp::SharedMemory(mp::open_or_create, open_to_all.text(), 10, std::filesystem::perms(0666)).size() == 10);
        }
    }
}

TEST_CASE("SharedMemory(create_only, size)") {
    SECTION("is of the size asked for, zero, and has a name as Python gives it") {
        for (const int size : {1, 100, 4096, 100'000}) {
            const mp::SharedMemory memory(mp::create_only, size);
            REQUIRE(memory.size() == static_cast<std::size_t>(size));
            REQUIRE(memory.buf().size() == memory.size());
            REQUIRE(std::ranges::all_of(memory.buf(), [](std::byte each) { return each == std::byte{}; }));
            REQUIRE(memory.name().size() == 12);
            REQUIRE(memory.name().starts_with("psm_"));
            REQUIRE(std::ranges::all_of(memory.name().substr(4), [](unsigned char each) { return std::isxdigit(each) && !std::isupper(each); }));
            memory.unlink();
        }
    }
    SECTION("never has a name twice") {
        std::set<std::string> names;
        for (int i = 0; i < 100; ++i) {
            const mp::SharedMemory memory(mp::create_only, 1);
            names.insert(memory.name());
            memory.unlink();
        }
        REQUIRE(names.size() == 100);
    }
    SECTION("refuses a size that is none") {
        REQUIRE_THROWS_AS(mp::SharedMemory(mp::create_only, 0), std::invalid_argument);
        REQUIRE_THROWS_AS(mp::SharedMemory(mp::create_only, -1), std::invalid_argument);
        REQUIRE_THROWS_AS(mp::SharedMemory(mp::create_only, "a name", 0u), std::invalid_argument);
    }
}

TEST_CASE("SharedMemory(create_only, name, size)") {
    const support::unused_name name;
    SECTION("is refused when there is one, which stays as it is") {
        const mp::SharedMemory first(mp::create_only, name.text(), 10);
        first.buf()[0] = std::byte{1};
        REQUIRE(refusal_of([&] { mp::SharedMemory(mp::create_only, name.text(), 20); }, name) == std::errc::file_exists);
        const mp::SharedMemory same(mp::open_only, name.text());
        REQUIRE(same.size() == 10);
        REQUIRE(same.buf()[0] == std::byte{1});
    }
    SECTION("takes Boost's tags, and permissions") {
        const mp::SharedMemory memory(boost::interprocess::create_only, name.text(), 10, std::filesystem::perms::owner_all);
        REQUIRE(mp::SharedMemory(boost::interprocess::open_only, name.text()).size() == 10);
    }
    SECTION("refuses a name that is none") {
        for (const std::string& bad : {std::string(), std::string("a/b"), std::string(256, 'a'), std::string("a\0b", 3)}) {
            REQUIRE_THROWS_AS(mp::SharedMemory(mp::create_only, bad, 10), std::invalid_argument);
            REQUIRE_THROWS_AS(mp::SharedMemory(mp::open_only, bad), std::invalid_argument);
        }
    }
    SECTION("takes the longest name there can be") {
        const std::string longest = name.with(std::string(255 - name.text().size(), 'x'));
        const mp::SharedMemory memory(mp::create_only, longest, 10);
        REQUIRE(mp::SharedMemory(mp::open_only, longest).name() == longest);
        memory.unlink();
    }
}

TEST_CASE("SharedMemory(open_only, name)") {
    const support::unused_name name;
    SECTION("is the same memory") {
        const mp::SharedMemory one(mp::create_only, name.text(), 100);
        const mp::SharedMemory other(mp::open_only, name.text());
        one.buf()[99] = std::byte{5};
        REQUIRE(other.buf()[99] == std::byte{5});
        REQUIRE(other.size() == 100);
        REQUIRE(other.name() == one.name());
    }
    SECTION("is refused when there is none, and makes none") {
        REQUIRE(refusal_of([&] { mp::SharedMemory(mp::open_only, name.text()); }, "open, shared memory \"" + name.text() + "\"") ==
                std::errc::no_such_file_or_directory);
        REQUIRE_FALSE(mp::platform::named_memory::exists(name));
    }
}

TEST_CASE("ReadOnlySharedMemory") {
    const mp::SharedMemory memory(mp::create_only, 100);
    const mp::ReadOnlySharedMemory seen(mp::open_only, memory.name());
    static_assert(std::same_as<decltype(seen.buf()), std::span<const std::byte>>);
    static_assert(!std::constructible_from<mp::ReadOnlySharedMemory, mp::create_only_t, int>);
    memory.buf()[7] = std::byte{7};
    REQUIRE(seen.buf()[7] == std::byte{7});
    REQUIRE(seen.size() == 100);
    for (const auto method : support::start_methods) {
        REQUIRE(support::exit_code(support::start<look>(method, seen)) == 0);
    }
    memory.unlink();
}

TEST_CASE("SharedMemory: copies are the same object") {
    const mp::SharedMemory memory(mp::create_only, 100);
    const mp::SharedMemory same = memory; // NOLINT: a copy is what is tested
    memory.buf()[0] = std::byte{1};
    REQUIRE(same.buf().data() == memory.buf().data());
    same.close();
    REQUIRE_THROWS_AS(memory.buf(), std::logic_error);
    REQUIRE(memory.size() == 100);
    memory.close();
    memory.unlink();
}

TEST_CASE("SharedMemory::close") {
    const mp::SharedMemory memory(mp::create_only, 100);
    memory.buf()[0] = std::byte{9};
    const mp::SharedMemory other(mp::open_only, memory.name()); // keeps it, also on Windows
    memory.close();
    REQUIRE_THROWS_AS(memory.buf(), std::logic_error);
    REQUIRE(memory.name() == other.name());
    REQUIRE(mp::SharedMemory(mp::open_only, memory.name()).buf()[0] == std::byte{9});
    memory.unlink();
}

TEST_CASE("SharedMemory is printed as Python prints it") {
    const support::unused_name name;
    const mp::SharedMemory memory(mp::create_only, name.text(), 10);
    std::ostringstream out;
    out << memory;
    REQUIRE(out.str() == "SharedMemory('" + name.text() + "', size=10)");
}

TEST_CASE("SharedMemory is passed to processes") {
    const mp::SharedMemory memory(mp::create_only, 100);
    for (const auto method : support::start_methods) {
        const int before = std::to_integer<int>(memory.buf()[99]);
        REQUIRE(support::exit_code(support::start<add_one>(method, memory, std::size_t{99})) == 0);
        REQUIRE(std::to_integer<int>(memory.buf()[99]) == before + 1);
    }
    memory.unlink();
}
