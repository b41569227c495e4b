// What is opened to be looked at is memory that cannot be written. Taken out once (platform::mapping maps it to be written): the first test failed.
#include "support/catch.hpp"
#include "support/names.hpp"
#include "support/run.hpp"

#include <multiprocessing/sharedctypes/read_only.hpp>

#include <csignal>
#include <filesystem>

namespace mp = multiprocessing;

TEST_CASE("a write through a stray pointer to a ReadOnlyValue or ReadOnlyArray is a fault, and changes nothing") {
    const support::unused_object name;
    const support::unused_object other;
    const mp::SharedValue<int> value(mp::create_only, name, 1);
    const mp::RawArray<int> array(mp::create_only, other, {1, 2});
    const auto write = [](const int* place) {
        std::signal(SIGSEGV, SIG_DFL); // also where a sanitizer has a handler
        *const_cast<volatile int*>(place) = 7;
    };
    REQUIRE(support::run_child([&] { write(&*mp::ReadOnlyValue<int>(name)); }) == -SIGSEGV);
    REQUIRE(support::run_child([&] { write(mp::ReadOnlyArray<int>(other).data()); }) == -SIGSEGV);
    REQUIRE(value.value() == 1);
    REQUIRE(array[0] == 1);
}

TEST_CASE("a ReadOnlyValue needs no right to write") {
    const support::unused_object name;
    const mp::RawValue<int> value(mp::create_only, mp::object_name(name.text()).mode(std::filesystem::perms::owner_read), 1);
    *value = 2; // who made it can
    REQUIRE(*mp::ReadOnlyValue<int>(name) == 2);
}
