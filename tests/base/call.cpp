#include <multiprocessing/base/call.hpp>

#include "support/catch.hpp"

#include <functional>
#include <type_traits>
#include <utility>

using multiprocessing::detail::call;

namespace {

struct point {
    int x = 1;
    int next() { return ++x; }
    int get() const noexcept { return x; }
};

struct once {
    int operator()(int n) && { return n + 1; }
};

} // namespace

TEST_CASE("call is std::invoke of one argument") {
    point p;
    REQUIRE(call([](point& each) { return each.x + 10; }, p) == 11);
    REQUIRE(call(&point::next, p) == 2);
    REQUIRE(call(&point::get, std::as_const(p)) == 2);
    call(&point::x, p) = 5;
    REQUIRE(p.x == 5);
    int n = 1;
    REQUIRE(call(once(), n) == 2);
    call([](int& each) { each = 7; }, n);
    REQUIRE(n == 7);

    const auto reference = [](int& each) -> int& { return each; };
    static_assert(std::is_same_v<decltype(call(reference, n)), std::invoke_result_t<decltype(reference)&, int&>>);
    static_assert(std::is_same_v<decltype(call(&point::x, p)), std::invoke_result_t<decltype(&point::x), point&>>);
}
