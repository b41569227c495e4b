// multiprocessing/format.hpp: by {fmt}, where it is installed, and by std::format, where the standard library has it.
// Taken out: that a RawArray is no range of {fmt}'s; it does not compile then, for two formatters fit.
#define FMT_HEADER_ONLY 1
#include <multiprocessing/format.hpp>

#include <atomic>
#include <string>
#include <support/catch.hpp>

namespace mp = multiprocessing;

namespace {

struct Unprintable {
    int x;
};

/// What `format` makes of each kind of object, which is what is written to a stream.
template <class Format>
void check(Format format) {
    CHECK(format(mp::SharedValue<int>{42}) == "42");
    CHECK(format(mp::RawValue<double>{0.5}) == "0.5");
    CHECK(format(mp::RawValue<std::atomic<int>>{3}) == "3");
    CHECK(format(mp::RawArray<int>{1, 2, 3}) == "[1, 2, 3]");

    mp::SharedArray<unsigned char> bytes{7, 8};
    CHECK(format(bytes) == "[7, 8]");
    CHECK(format(bytes[1]) == "8");
    mp::SharedArray<char> text(8);
    text.value("Grace");
    CHECK(format(text) == "Grace");

    mp::RLock rlock;
    CHECK(format(rlock) == "<RLock(None, 0)>");
    CHECK(format(mp::Lock()) == "<Lock(owner=None)>");
    CHECK(format(mp::Semaphore(2)) == "<Semaphore(value=2)>");
    CHECK(format(mp::BoundedSemaphore(2)) == "<BoundedSemaphore(value=2, maxvalue=2)>");
    CHECK(format(mp::Condition(rlock)) == "<Condition(<RLock(None, 0)>, 0)>");
    CHECK(format(mp::Barrier(2)).find("waiters=0/2") != std::string::npos);
    CHECK(format(mp::Event()).find(" unset>") != std::string::npos);

    const mp::ShareableList list({1, "two"});
    CHECK(format(list).starts_with("ShareableList([1, 'two'], name='"));
    CHECK(format(list[1]) == "'two'");
    list.shm().unlink();
}

} // namespace

#if __has_include(<fmt/ranges.h>)
TEST_CASE("fmt::format") {
    check([](const auto& object) { return fmt::format("{}", object); });

    const mp::SharedValue<int> counter{42};
    CHECK(fmt::format("[{:>5}]", counter) == "[   42]");
    CHECK(fmt::format("{:*^6}", counter) == "**42**");
    STATIC_REQUIRE_FALSE(fmt::is_formattable<mp::SharedValue<Unprintable>>::value);
}
#endif

#if defined(__cpp_lib_format)
TEST_CASE("std::format") {
    check([](const auto& object) { return std::format("{}", object); });

    const mp::SharedValue<int> counter{42};
    CHECK(std::format("[{:>5}]", counter) == "[   42]");
    CHECK(std::format("{:*^6}", counter) == "**42**");
    STATIC_REQUIRE_FALSE(std::is_default_constructible_v<std::formatter<mp::SharedValue<Unprintable>, char>>);
}
#endif
