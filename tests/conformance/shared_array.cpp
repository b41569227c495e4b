// A SharedArray in parent and children of every start method: nothing is lost, nothing is seen half-done.
#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/sharedctypes/shared_array.hpp>

#include <cstddef>
#include <numeric>
#include <vector>

namespace mp = multiprocessing;
using support::must;
using support::start;

TEST_CASE("SharedArray::operator[], by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    constexpr int each_adds = support::changes_by_each / 5;

    const mp::SharedArray<int> counters(5);
    std::vector<mp::Process> processes;
    for (int i = 0; i < support::processes_at_once; ++i) {
        processes.push_back(start<[](const mp::SharedArray<int>& theirs, int number) {
            for (int n = 0; n < each_adds; ++n) {
                theirs[(n + number) % 5] += 1;
                theirs[-1] += 1;
            }
        }>(method, counters, i));
    }
    for (const auto& each : processes) {
        REQUIRE(support::exit_code(each) == 0);
    }
    constexpr int share = support::processes_at_once * each_adds / 5;
    REQUIRE(counters.slice() == std::vector<int>{share, share, share, share, share + share * 5});
}

TEST_CASE("SharedArray::assign_slice, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    SECTION("is seen whole") {
        const mp::SharedArray<long> values(64);
        const support::signal_flag enough(0);
        std::vector<mp::Process> writers;
        for (int i = 1; i <= 3; ++i) {
            writers.push_back(start<[](const mp::SharedArray<long>& theirs, const support::signal_flag& is_enough, long number) {
                for (long n = number; !support::is_raised(is_enough); n += 3) {
                    theirs.assign_slice(1, -1, 2, std::vector<long>(32 - 1, n));
                }
            }>(method, values, enough, i));
        }
        int torn = 0;
        bool changed = false;
        for (int i = 0; i < 2000 || !changed; ++i) {
            const auto copy = values.slice(1, -1, 2);
            torn += copy == std::vector<long>(copy.size(), copy.front()) ? 0 : 1;
            changed = changed || copy.front() != 0;
        }
        support::raise(enough);
        for (const auto& each : writers) {
            REQUIRE(support::exit_code(each) == 0);
        }
        REQUIRE(torn == 0);
        REQUIRE(values[0] == 0); // not of the slice
        REQUIRE(values[-1] == 0);
    }
    SECTION("is all or nothing when the one who does it is killed") {
        for (int i = 0; i < 20; ++i) {
            const mp::SharedArray<long> values(512);
            const support::signal_flag started(0);
            const auto process = start<[](const mp::SharedArray<long>& theirs, const support::signal_flag& is_started) {
                for (long n = 1;; ++n) {
                    theirs.assign_slice({}, {}, std::vector<long>(512, n));
                    support::raise(is_started);
                }
            }>(method, values, started);
            support::await(started);
            process.kill();
            REQUIRE(support::exit_code(process) == -9);
            const auto left = values.slice();
            REQUIRE(left.front() > 0);
            REQUIRE(left == std::vector<long>(512, left.front()));
        }
    }
}

TEST_CASE("SharedArray, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    SECTION("has its length, its elements and its text there") {
        const mp::SharedArray<char> text("not yet said");
        const mp::SharedArray<double> numbers{1.5, 2.5, 3.5};
        const mp::SharedArray<int> none(0);
        const auto process = start<[](const mp::SharedArray<char>& words, const mp::SharedArray<double>& theirs,
                                      const mp::SharedArray<int>& empty) {
            must(words.size() == 12 && words.value() == "not yet said");
            words.value("said");
            must(theirs.slice() == std::vector{1.5, 2.5, 3.5});
            theirs[-1] = -3.5;
            must(empty.size() == 0 && empty.slice().empty());
        }>(method, text, numbers, none);
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(text.value() == "said");
        REQUIRE(numbers.slice() == std::vector{1.5, 2.5, -3.5});
    }
    SECTION("of many megabytes") {
        constexpr std::size_t size = 3'000'000;
        const mp::SharedArray<long> values(size);
        const auto process = start<[](const mp::SharedArray<long>& theirs) {
            auto all = theirs.synchronize();
            std::iota(all.begin(), all.end(), 7L);
        }>(method, values);
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(values[0] == 7);
        REQUIRE(values[-1] == 7 + static_cast<long>(size) - 1);
    }
}
