#include "support/catch.hpp"

#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/sharedctypes/typecode.hpp>

#include <cstddef>
#include <string>
#include <type_traits>

namespace mp = multiprocessing;

TEST_CASE("typecode_type is Python's table") {
    STATIC_REQUIRE(std::is_same_v<mp::typecode_type<'c'>, char>);
    STATIC_REQUIRE(std::is_same_v<mp::typecode_type<'u'>, wchar_t>);
    STATIC_REQUIRE(std::is_same_v<mp::typecode_type<'b'>, signed char>);
    STATIC_REQUIRE(std::is_same_v<mp::typecode_type<'B'>, unsigned char>);
    STATIC_REQUIRE(std::is_same_v<mp::typecode_type<'h'>, short>);
    STATIC_REQUIRE(std::is_same_v<mp::typecode_type<'H'>, unsigned short>);
    STATIC_REQUIRE(std::is_same_v<mp::typecode_type<'i'>, int>);
    STATIC_REQUIRE(std::is_same_v<mp::typecode_type<'I'>, unsigned int>);
    STATIC_REQUIRE(std::is_same_v<mp::typecode_type<'l'>, long>);
    STATIC_REQUIRE(std::is_same_v<mp::typecode_type<'L'>, unsigned long>);
    STATIC_REQUIRE(std::is_same_v<mp::typecode_type<'q'>, long long>);
    STATIC_REQUIRE(std::is_same_v<mp::typecode_type<'Q'>, unsigned long long>);
    STATIC_REQUIRE(std::is_same_v<mp::typecode_type<'f'>, float>);
    STATIC_REQUIRE(std::is_same_v<mp::typecode_type<'d'>, double>);
}

namespace {

template <char... Codes>
constexpr bool there_and_back() {
    return ((mp::typecode<mp::typecode_type<Codes>> == Codes) && ...);
}

template <class T>
constexpr bool has_code = requires { mp::typecode<T>; };

} // namespace

TEST_CASE("typecode is the way back, for the 14 types that have one") {
    STATIC_REQUIRE(there_and_back<'c', 'u', 'b', 'B', 'h', 'H', 'i', 'I', 'l', 'L', 'q', 'Q', 'f', 'd'>());
    STATIC_REQUIRE(mp::typecode<double> == 'd');
    STATIC_REQUIRE_FALSE(has_code<bool>);
    STATIC_REQUIRE_FALSE(has_code<long double>);
    STATIC_REQUIRE_FALSE(has_code<std::byte>);
    STATIC_REQUIRE_FALSE(has_code<std::string>);
}

TEST_CASE("typecode_type writes Python's Value and Array") {
    const mp::SharedValue<mp::typecode_type<'d'>> number(2.5);
    const mp::SharedArray<mp::typecode_type<'c'>> text("hello");
    CHECK(number.value() == 2.5);
    CHECK(text.value() == "hello");
}
