// The memory of a table of lives: how it begins, and what a process finds, makes or refuses by the name of its user's.
//
// Taken out once, to see it fail: the look at the mode in require_usable: "a mode that lets others in"; that `processes` begins at the table's number:
// "life_table_front::is_as_expected".
#include "support/catch.hpp"
#include "support/own_dev_shm.hpp"
#include "support/run.hpp"
#include "support/start.hpp"

#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/robust/life_registry.hpp>
#include <multiprocessing/robust/life_table_memory.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mp = multiprocessing;
using mp::platform::named_memory;
using mp::robust::life_table_front;
using mp::robust::life_table_memory;
using support::expect;

namespace {

constexpr std::size_t few_slots = 16;

/// What of_user says that cannot use what has the name.
std::string table_refusal() {
    try {
        static_cast<void>(life_table_memory::of_user(few_slots));
    } catch (const mp::LayoutError& error) {
        return std::string("LayoutError ") + error.what();
    } catch (const std::system_error& error) {
        return std::string(error.code() == std::errc::permission_denied ? "permission_denied " : "system_error ") + error.what();
    }
    return "none";
}

void expect_refusal(const std::string& kind, const std::string& words) {
    const std::string said = table_refusal();
    const std::string remedy = "remove " + named_memory::place_of(life_table_memory::name_for_user());
    expect(said.find(kind) == 0 && said.find(words) != std::string::npos && said.find(remedy) != std::string::npos, said.c_str());
}

/// In a child with a /dev/shm of its own, so that no table is there.
template <class Body>
int in_empty_shm(Body body) {
    return support::run_child([&] {
        const support::own_dev_shm shm;
        if (shm.is_own()) {
            body(named_memory::place_of(life_table_memory::name_for_user()));
        }
    });
}

} // namespace

TEST_CASE("life_table_front::is_as_expected") {
    life_table_front front{};
    CHECK_FALSE(front.is_as_expected(few_slots)); // zeros are no table
    front.initialize(few_slots, 4711);
    CHECK((front.is_as_expected(few_slots) && front.has_our_tokens()));
    CHECK((front.number == 4711 && front.processes == 4711)); // counted from the number on
    CHECK(front.dead_owners == 0);
    SECTION("each field counts") {
        CHECK_FALSE(front.is_as_expected(few_slots + 1));
        life_table_front other{};
        other.initialize(few_slots, 4711);
        other.magic[7] = 'x';
        CHECK_FALSE(other.is_as_expected(few_slots));
        other.initialize(few_slots, 4711);
        ++other.version;
        CHECK_FALSE(other.is_as_expected(few_slots));
        other.initialize(few_slots, 4711);
        other.slot_bytes = 32;
        CHECK_FALSE(other.is_as_expected(few_slots));
        other.initialize(few_slots, 4711);
        ++other.token_kind;
        CHECK((other.is_as_expected(few_slots) && !other.has_our_tokens()));
    }
    SECTION("its number is never 0, and no other table's") {
        const std::uint64_t one = life_table_front::new_number();
        CHECK(one % 2 == 1);
        CHECK(life_table_front::new_number() != one);
    }
}

TEST_CASE("life_table_memory::of_family") {
    SECTION("a new one") {
        const auto one = life_table_memory::of_family(few_slots);
        const auto other = life_table_memory::of_family(few_slots);
        CHECK((one.front().is_as_expected(few_slots) && one.name.empty()));
        CHECK(one.front().number != other.front().number);
        CHECK(life_table_memory::bytes_for(few_slots) == 64 + few_slots * 64);
        for (std::size_t i = 0; i < few_slots * 64; ++i) {
            REQUIRE(one.first_slot()[i] == std::byte{0});
        }
    }
    SECTION("the one that was handed over, in a process that was started with one") {
        const auto method = GENERATE(from_range(support::start_methods));
        const std::uint64_t ours = mp::robust::life_registry::family().number(); // there before the child, as for whoever makes a lock
        const mp::RawValue<std::uint64_t> number;
        auto process = support::start<[](const mp::RawValue<std::uint64_t>& said) { *said = mp::robust::life_registry::family().number(); }>(method, number);
        process.join();
        CHECK(process.exitcode() == 0);
        CHECK(*number == ours);
    }
}

TEST_CASE("life_table_memory::of_user") {
    const std::string name = life_table_memory::name_for_user();
    SECTION("published under its name, for this user alone, and found from then on") {
        CHECK(in_empty_shm([&](const std::string& path) {
            const auto one = life_table_memory::of_user(few_slots);
            const auto again = life_table_memory::of_user(few_slots);
            struct ::stat about{};
            expect(::stat(path.c_str(), &about) == 0 && (about.st_mode & 0777) == 0600, "a file of mode 0600");
            expect(one.name == name && one.front().is_as_expected(few_slots));
            expect(again.begin != one.begin && again.front().number == one.front().number, "the same table, mapped once more");
            expect(support::run_child([&] { expect(life_table_memory::of_user(few_slots).front().number == one.front().number); }) == 0);
        }) == 0);
    }
    SECTION("a file of 0 bytes") {
        CHECK(in_empty_shm([](const std::string& path) {
            expect(::close(::open(path.c_str(), O_CREAT | O_WRONLY, 0600)) == 0);
            expect_refusal("LayoutError", "0 bytes");
        }) == 0);
    }
    SECTION("a table of another size, or that was written to") {
        CHECK(in_empty_shm([&](const std::string&) {
            auto table = life_table_memory::of_user(few_slots);
            expect(life_table_memory::of_user(few_slots).begin != nullptr);
            ++table.front().version;
            expect_refusal("LayoutError", "was damaged");
            --table.front().version;
            ++table.front().token_kind;
            expect_refusal("LayoutError", "was damaged");
            --table.front().token_kind;
            expect(table_refusal() == "none");
            expect(::truncate(named_memory::place_of(name).c_str(), static_cast<::off_t>(life_table_memory::bytes_for(few_slots) - 64)) == 0);
            expect_refusal("LayoutError", "was damaged");
        }) == 0);
    }
    SECTION("a mode that lets others in, another user's file, a folder") {
        CHECK(in_empty_shm([](const std::string& path) {
            static_cast<void>(life_table_memory::of_user(few_slots));
            expect(::chmod(path.c_str(), 0640) == 0);
            expect_refusal("permission_denied", "lets other users in");
            expect(::chmod(path.c_str(), 0600) == 0);
            if (::geteuid() == 0) { // only root can give a file away
                expect(::chown(path.c_str(), 12'345, 12'345) == 0);
                expect_refusal("permission_denied", "put there by another user");
            }
            expect(::unlink(path.c_str()) == 0 && ::mkdir(path.c_str(), 0700) == 0);
            expect_refusal("system_error", "cannot be used");
        }) == 0);
    }
}
