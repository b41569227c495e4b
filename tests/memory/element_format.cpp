// What a type looks like, as text: the same in every program, and another one for every other layout.
#include "support/catch.hpp"

#include <multiprocessing/memory/element_format.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

using multiprocessing::detail::element_format;

namespace {

enum class Colour : std::uint16_t { red };

struct Point {
    std::int32_t x;
    double y;
};
struct Turned { // as large, other members
    double y;
    std::int32_t x;
};
struct Nested {
    Point points[2];
    std::array<char, 3> name;
    Colour colour;
    bool flag;
};
struct Bits { // not to be told from outside
    unsigned a : 3;
    unsigned b : 5;
};
struct Base {
    int a;
};
struct Derived : Base {
    int b;
};
class Closed {
public:
    explicit Closed(int number) : number_(number) {}
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};
struct One {
    float number;
};
struct Sixteen {
    char a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p;
};
struct Seventeen {
    char a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q;
};
struct alignas(32) Wide {
    std::int64_t number;
};

bool is_opaque(const std::string& format, std::size_t size) { return format.starts_with("?" + std::to_string(size) + ":"); }

} // namespace

TEST_CASE("element_format<T>") {
    SECTION("of numbers: a letter and the bytes") {
        REQUIRE(element_format<signed char>() == "i1");
        REQUIRE(element_format<std::int32_t>() == "i4");
        REQUIRE(element_format<std::uint64_t>() == "u8");
        REQUIRE(element_format<float>() == "f4");
        REQUIRE(element_format<double>() == "f8");
        REQUIRE(element_format<bool>() == "b1");
        REQUIRE(element_format<char>() == "S1");
        REQUIRE(element_format<char8_t>() == "U1");
        REQUIRE(element_format<char32_t>() == "U4");
        REQUIRE(element_format<wchar_t>() == "U" + std::to_string(sizeof(wchar_t)));
        REQUIRE(element_format<long>() == element_format<std::conditional_t<sizeof(long) == 8, std::int64_t, std::int32_t>>());
        REQUIRE(element_format<long double>() == "f" + std::to_string(sizeof(long double)));
    }
    SECTION("of an enumeration and an atomic: what they hold") {
        REQUIRE(element_format<Colour>() == "u2");
        REQUIRE(element_format<std::atomic<std::int64_t>>() == "i8");
        REQUIRE(element_format<std::atomic<Point*>*>()[0] == '?');
    }
    SECTION("of arrays: built-in ones and std::array alike") {
        REQUIRE(element_format<double[3]>() == "3*f8");
        REQUIRE(element_format<std::array<double, 3>>() == "3*f8");
        REQUIRE(element_format<std::int32_t[2][3]>() == "2*3*i4");
        REQUIRE(element_format<std::array<std::array<std::int32_t, 3>, 2>>() == "2*3*i4");
    }
    SECTION("of structs: the members where they lie") {
        REQUIRE(element_format<Point>() == "{0:i4,8:f8}16");
        REQUIRE(element_format<Turned>() == "{0:f8,8:i4}16");
        REQUIRE(element_format<Nested>() == "{0:2*{0:i4,8:f8}16,32:3*S1,36:u2,38:b1}40");
        REQUIRE(element_format<One>() == "{0:f4}4");
        REQUIRE(element_format<Wide>() == "{0:i8}32");
        REQUIRE(element_format<Sixteen>() == "{0:S1,1:S1,2:S1,3:S1,4:S1,5:S1,6:S1,7:S1,8:S1,9:S1,10:S1,11:S1,12:S1,13:S1,14:S1,15:S1}16");
    }
    SECTION("of what cannot be looked into: its size and its name") {
        REQUIRE(is_opaque(element_format<Closed>(), sizeof(Closed)));
        REQUIRE(is_opaque(element_format<Derived>(), sizeof(Derived)));
        REQUIRE(is_opaque(element_format<Seventeen>(), 17));
        REQUIRE(is_opaque(element_format<Bits>(), sizeof(Bits)));
        REQUIRE(element_format<Closed>() != element_format<Base>());
    }
}
