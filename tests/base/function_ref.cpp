#include <multiprocessing/base/function_ref.hpp>

#include "support/catch.hpp"

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

using multiprocessing::detail::function_ref;

namespace {

int twice(function_ref<int(int)> f) { return f(f(1)); }

struct counts_calls {
    int calls = 0;
    int operator()(int n) & { return n + ++calls; }
};

} // namespace

TEST_CASE("function_ref calls what it refers to") {
    REQUIRE(twice([](int n) { return 10 * n; }) == 100);

    counts_calls counter;
    REQUIRE(twice(counter) == 4); // the object itself, not a copy
    REQUIRE(counter.calls == 2);

    const auto constant = [](int n) { return n + 1; };
    REQUIRE(twice(constant) == 3);
}

TEST_CASE("function_ref passes arguments and results on") {
    const auto give_back = [](std::unique_ptr<int> moved) { return moved; };
    const function_ref<std::unique_ptr<int>(std::unique_ptr<int>)> moving(give_back);
    REQUIRE(*moving(std::make_unique<int>(7)) == 7);

    std::string text;
    const auto append = [](std::string& to) -> std::string& { return to += "x"; };
    const function_ref<void(std::string&)> ignoring(append); // the result is not wanted
    ignoring(text);
    const function_ref<void(std::string&)> copy = ignoring; // refers to the same
    copy(text);
    REQUIRE(text == "xx");

    static_assert(!std::is_constructible_v<function_ref<int(int)>, std::string&>);
    static_assert(!std::is_constructible_v<function_ref<int(int)>, void (*)(std::string&)>);
}
