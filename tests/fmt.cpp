// multiprocessing/fmt.hpp, where {fmt} is installed.
// Taken out: that a RawArray is no range of {fmt}'s; it does not compile then, for two formatters fit.
#include "support/format.hpp"

#if __has_include(<fmt/ranges.h>)
#    define FMT_HEADER_ONLY 1
#    include <multiprocessing/fmt.hpp>

TEST_CASE("fmt::format") {
    support::check_format([](const auto& object) { return fmt::format("{}", object); });

    const multiprocessing::SharedValue<int> counter{42};
    CHECK(fmt::format("[{:>5}]", counter) == "[   42]");
    CHECK(fmt::format("{:*^6}", counter) == "**42**");
    STATIC_REQUIRE_FALSE(fmt::is_formattable<multiprocessing::SharedValue<support::Unprintable>>::value);
}
#endif
