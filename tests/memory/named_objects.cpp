// create_only, open_only, open_or_create, unlink and collect, by one process. (Several: conformance/named_objects.cpp; killed ones:
// robustness/named_objects.cpp.)
#include "support/catch.hpp"
#include "support/handles.hpp"
#include "support/names.hpp"

#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace mp = multiprocessing;

namespace {

/// The error of a call, which is to name the object.
template <class Call>
std::error_code refusal_of(const support::unused_object& name, Call call) {
    try {
        call();
    } catch (const std::system_error& error) {
        REQUIRE(std::string(error.what()).find("\"" + name.text() + "\"") != std::string::npos);
        return error.code();
    }
    return {};
}

} // namespace

TEST_CASE("create_only, open_only, open_or_create, one after the other") {
    std::size_t handles = 0;
    for (int round = 0; round < 2; ++round) { // the first time the system takes handles of its own
        const support::unused_object name;
        REQUIRE(refusal_of(name, [&] { mp::RawValue<int>(mp::open_only, name); }) == std::errc::no_such_file_or_directory);
        {
            const mp::RawValue<int> made(mp::create_only, name, 7);
            REQUIRE(refusal_of(name, [&] { mp::RawValue<int>(mp::create_only, name, 8); }) == std::errc::file_exists);
            REQUIRE(*mp::RawValue<int>(mp::open_only, name) == 7);
            const mp::RawValue<int> either(mp::open_or_create, name, 9); // there already: 9 is not looked at
            *either += 1;
            REQUIRE(*made == 8);
        }
        REQUIRE(mp::platform::named_memory::exists(name.file()) == mp::platform::names_stay);
        mp::unlink(name);
        REQUIRE(*mp::RawValue<int>(mp::open_or_create, name, 9) == 9);
        mp::unlink(name);
        if (round == 0) {
            handles = support::open_handles();
        }
    }
    REQUIRE(support::open_handles() <= handles);
}

TEST_CASE("unlink(name)") {
    const support::unused_object name;
    REQUIRE_FALSE(mp::unlink(name));
    const mp::RawValue<int> made(mp::create_only, name, 7);
    const mp::RawValue<int> opened(mp::open_only, name);
    REQUIRE(mp::unlink(name));
    if (mp::platform::names_stay) {
        REQUIRE_FALSE(mp::unlink(name));
        REQUIRE(refusal_of(name, [&] { mp::RawValue<int>(mp::open_only, name); }) == std::errc::no_such_file_or_directory);
        const mp::RawValue<int> other(mp::create_only, name, 1); // the name may be given again, and is another object
        *made = 8;
        REQUIRE(*other == 1);
        REQUIRE(*opened == 8); // who has it keeps it
    }
}

TEST_CASE("object_name::unlink_on_destroy, within the process that made it") {
    const support::unused_object name;
    const auto is_there = [&] { return mp::platform::named_memory::exists(name.file()); };
    std::optional<mp::RawValue<int>> made(std::in_place, mp::create_only, mp::object_name(name.text()).unlink_on_destroy(), 7);
    std::optional<mp::RawValue<int>> copy(*made);
    const mp::RawValue<int> opened(mp::open_only, name);
    made.reset();
    REQUIRE(is_there());
    copy.reset(); // the last of the maker's
    REQUIRE(is_there() != mp::platform::names_stay);
    REQUIRE(*opened == 7);
}

TEST_CASE("object_name::unlink_on_destroy does not take the name from another object") {
    if (mp::platform::names_stay) {
        const support::unused_object name;
        std::optional<mp::RawValue<int>> made(std::in_place, mp::create_only, mp::object_name(name.text()).unlink_on_destroy(), 7);
        REQUIRE(mp::unlink(name));
        const mp::RawValue<int> other(mp::create_only, name, 8);
        made.reset();
        REQUIRE(*mp::RawValue<int>(mp::open_only, name) == 8);
    }
}

TEST_CASE("collect() leaves what lives, and what did not ask", "[collect]") {
    const support::unused_object asked;
    const support::unused_object did_not;
    const mp::RawValue<int> lives(mp::create_only, mp::object_name(asked.text()).unlink_on_destroy(), 7);
    std::optional<mp::RawValue<int>> gone(std::in_place, mp::create_only, did_not, 7);
    if (mp::platform::names_stay) {
        gone.reset();
    }
    const auto removed = mp::collect();
    REQUIRE(std::ranges::count(removed, asked.text()) == 0);
    REQUIRE(std::ranges::count(removed, did_not.text()) == 0);
    REQUIRE(*mp::RawValue<int>(mp::open_only, asked) == 7);
    REQUIRE(*mp::RawValue<int>(mp::open_only, did_not) == 7);
}
