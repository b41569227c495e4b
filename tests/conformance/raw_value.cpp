// A RawValue and a RawArray in parent and children of every start method.
#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

namespace mp = multiprocessing;
using support::must;
using support::start;

namespace {

struct alignas(128) wide {
    std::array<int, 5> numbers{};
};

} // namespace

TEST_CASE("RawValue, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    SECTION("of an atomic loses nothing") {
        const mp::RawValue<std::atomic<long>> hits(0);
        std::vector<mp::Process> processes;
        for (int i = 0; i < support::processes_at_once; ++i) {
            processes.push_back(start<[](const mp::RawValue<std::atomic<long>>& theirs) {
                for (int n = 0; n < support::changes_by_each; ++n) {
                    theirs->fetch_add(1, std::memory_order_relaxed);
                }
            }>(method, hits));
        }
        for (const auto& each : processes) {
            REQUIRE(support::exit_code(each) == 0);
        }
        REQUIRE(*hits == long{support::processes_at_once} * support::changes_by_each);
    }
    SECTION("has its alignment there") {
        const mp::RawValue<wide> value;
        value->numbers = {1, 2, 3, 4, 5};
        const auto process = start<[](const mp::RawValue<wide>& theirs) {
            must(reinterpret_cast<std::uintptr_t>(&theirs.value()) % alignof(wide) == 0);
            must(theirs->numbers == std::array{1, 2, 3, 4, 5});
            theirs->numbers[4] = 6;
        }>(method, value);
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(value->numbers[4] == 6);
    }
}

TEST_CASE("RawArray, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    const mp::RawArray<int> numbers{1, 2, 3};
    const mp::RawArray<int> none(0);
    const mp::RawArray<char> text("shared text");
    const auto process = start<[](const mp::RawArray<int>& theirs, const mp::RawArray<int>& empty, const mp::RawArray<char>& words) {
        must(theirs.slice() == std::vector{1, 2, 3});
        theirs.at(-1) = 33;
        must(empty.empty());
        must(words.raw() == "shared text");
        words.raw("SHARED");
    }>(method, numbers, none, text);
    REQUIRE(support::exit_code(process) == 0);
    REQUIRE(numbers.slice() == std::vector{1, 2, 33});
    REQUIRE(text.raw() == "SHARED text");
}
