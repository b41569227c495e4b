#include <multiprocessing/base/escaped.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <random>
#include <string>

using multiprocessing::detail::escaped;

TEST_CASE("escaped") {
    SECTION("leaves what is seen as it is") {
        for (const char* each : {"", "mp.counter-1_2", "a b~!'%{}", "größe", "\xd0\xba\xd0\xbb\xd1\x8e\xd1\x87", "\xe6\x95\xb0", "\xf0\x9f\x98\x80"}) {
            REQUIRE(escaped(each) == each);
        }
    }
    SECTION("control characters and escape sequences of terminals") {
        REQUIRE(escaped("a\nb\r\t") == "a\\x0ab\\x0d\\x09");
        REQUIRE(escaped("\x1b]0;title\x07\x1b[2J") == "\\x1b]0;title\\x07\\x1b[2J");
        REQUIRE(escaped("\x7f") == "\\x7f");
        REQUIRE(escaped(std::string("a\0b", 3)) == "a\\x00b");
        REQUIRE(escaped("\xc2\x9b" "31m") == "\\xc2\\x9b31m"); // the same in one character: CSI
    }
    SECTION("what steers text, or is not seen") {
        REQUIRE(escaped("\xe2\x80\xae" "txt.exe") == "\\xe2\\x80\\xaetxt.exe"); // from right to left
        REQUIRE(escaped("a\xe2\x80\xa8" "b") == "a\\xe2\\x80\\xa8b");           // a line's end
        REQUIRE(escaped("\xef\xbb\xbf") == "\\xef\\xbb\\xbf");
        REQUIRE(escaped("\xf3\xa0\x81\x81") == "\\xf3\\xa0\\x81\\x81");
    }
    SECTION("quotes and backslashes, so that nothing looks like an escape or like the end") {
        REQUIRE(escaped("a\" is fine: \"\\x1b") == "a\\x22 is fine: \\x22\\x5cx1b");
    }
    SECTION("what is no UTF-8") {
        REQUIRE(escaped("\xff\xfe") == "\\xff\\xfe");
        REQUIRE(escaped("\x80") == "\\x80");
        REQUIRE(escaped("a\xe6\x95") == "a\\xe6\\x95");          // cut off
        REQUIRE(escaped("\xe6" "ab") == "\\xe6ab");
        REQUIRE(escaped("\xc0\x8a") == "\\xc0\\x8a");            // a newline, longer than it needs
        REQUIRE(escaped("\xe0\x80\x9b") == "\\xe0\\x80\\x9b");
        REQUIRE(escaped("\xed\xa0\x80") == "\\xed\\xa0\\x80");   // half of a pair
        REQUIRE(escaped("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
        REQUIRE(escaped("\xf8\x88\x80\x80\x80") == "\\xf8\\x88\\x80\\x80\\x80");
    }
    SECTION("of any bytes: no control character, and the same again but for backslashes") {
        std::mt19937 random(1);
        for (int i = 0; i < 2000; ++i) {
            std::string text;
            for (auto left = random() % 20; left > 0; --left) {
                text += static_cast<char>(random() % 256);
            }
            std::string shown = escaped(text);
            REQUIRE(std::all_of(shown.begin(), shown.end(), [](char each) { return static_cast<unsigned char>(each) >= ' ' && each != 0x7f && each != '"'; }));
            std::erase(shown, '\\');
            REQUIRE(escaped(shown) == shown);
        }
    }
}
