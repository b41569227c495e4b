// multiprocessing/format.hpp, where the standard library has std::format.
#include "support/format.hpp"

#include <multiprocessing/format.hpp>

TEST_CASE("std::format") {
#if defined(__cpp_lib_format)
    support::check_format([](const auto& object) { return std::format("{}", object); });

    const multiprocessing::SharedValue<int> counter{42};
    CHECK(std::format("[{:>5}]", counter) == "[   42]");
    CHECK(std::format("{:*^6}", counter) == "**42**");
    STATIC_REQUIRE_FALSE(std::is_default_constructible_v<std::formatter<multiprocessing::SharedValue<support::Unprintable>, char>>);
#else
    WARN("this standard library has no std::format: <multiprocessing/format.hpp> is only included");
#endif
}
