#include "support/catch.hpp"
#include "support/program.hpp"

#include <csignal>
#include <string>

using support::program;

// In a program that is compiled with the checks of its standard library.
TEST_CASE("robustness: an index that is none of a raw array, where such are checked") {
    SECTION("aborts, and says what was asked, and of what") {
        program one("checks_access", {"raw", "1"});
        CHECK(one.read_until("a thousand\n").find("multiprocessing: RawArray::operator[]: index 1 is out of range of an array of 1. Braces list "
                                                  "elements: RawArray<T>{1000} has one; write RawArray<T>(1000) or {mp::length(1000)} for") == 0);
        CHECK(one.wait() == -SIGABRT);
    }
    SECTION("a negative one, too") {
        program one("checks_access", {"raw", "-1"});
        CHECK(one.read_until("last element\n").find("RawArray::operator[]: index -1 is out of range of an array of 1") != std::string::npos);
        CHECK(one.wait() == -SIGABRT);
    }
    SECTION("of an array that is opened to be read") {
        program one("checks_access", {"read_only", "3"});
        CHECK(one.read_until("\n").find("ReadOnlyArray::operator[]: index 3 is out of range of an array of 3\n") != std::string::npos);
        CHECK(one.wait() == -SIGABRT);
    }
    SECTION("so does a value whose handle was moved from") {
        program one("checks_access", {"moved", "0"});
        CHECK(one.read_until("\n").find("multiprocessing: RawValue: the handle was moved from: use the one that it was moved to\n") == 0);
        CHECK(one.wait() == -SIGABRT);
    }
    SECTION("one that is one does nothing of that") {
        program one("checks_access", {"read_only", "2"});
        CHECK(one.read_until("\n") == "0.000000 no complaint\n");
        CHECK(one.wait() == 0);
    }
}
