#include "support/catch.hpp"

#include <multiprocessing/memory/object_name.hpp>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace mp = multiprocessing;
using std::filesystem::perms;

namespace {

/// What it says to that name; nothing when it takes it.
std::string refusal_of(const std::string& name) {
    try {
        static_cast<void>(mp::object_name(name));
        return {};
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
}

bool is_good(char each) {
    return std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-").find(each) != std::string::npos;
}

} // namespace

TEST_CASE("object_name(name)") {
    SECTION("takes letters, digits, '.', '_' and '-', and refuses every other character, wherever it stands") {
        for (int code = 0; code < 256; ++code) {
            const char each = static_cast<char>(code);
            CAPTURE(code);
            for (const std::string& name : {std::string(1, each), "a" + std::string(1, each), std::string(1, each) + "a", "a" + std::string(1, each) + "b"}) {
                REQUIRE(refusal_of(name).empty() == is_good(each));
            }
        }
    }
    SECTION("takes 1 to 200 characters") {
        REQUIRE(refusal_of("x").empty());
        REQUIRE(refusal_of(std::string(200, 'x')).empty());
        REQUIRE_FALSE(refusal_of(std::string(201, 'x')).empty());
        REQUIRE_FALSE(refusal_of("").empty());
    }
    SECTION("names what was asked, and what to write instead") {
        REQUIRE(refusal_of("a/b").find("\"a/b\" cannot be the name of a shared object: write 1 to 200 of the characters") != std::string::npos);
    }
    SECTION("is made of any kind of text") {
        const mp::object_name from_literal = "hits";
        const mp::object_name from_string = std::string("hits");
        const mp::object_name from_view = std::string_view("hits of all").substr(0, 4);
        REQUIRE(from_literal.text() == "hits");
        REQUIRE(from_string.text() == "hits");
        REQUIRE(from_view.text() == "hits");
    }
}

TEST_CASE("object_name::mode, of_any_user, unlink_on_destroy") {
    const mp::object_name plain("hits");
    REQUIRE(plain.mode() == 0600);
    REQUIRE_FALSE(plain.is_of_any_user());
    REQUIRE_FALSE(plain.is_unlinked_on_destroy());

    const auto wishes = mp::object_name("hits").mode(perms::owner_read | perms::owner_write | perms::group_read).of_any_user().unlink_on_destroy();
    REQUIRE(wishes.text() == "hits");
    REQUIRE(wishes.mode() == 0640);
    REQUIRE(mp::object_name("hits").mode(0604).mode() == 0604);
    REQUIRE(wishes.is_of_any_user());
    REQUIRE(wishes.is_unlinked_on_destroy());
}
