// A child passes on what it was given, to a child of its own, by every combination of start methods.
#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/sharedctypes/with_lock.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mp = multiprocessing;
using support::must;
using support::start;

namespace {

using numbers = std::array<long, 8>;
using objects = std::map<std::string, std::vector<mp::SharedValue<long>>>;

constexpr int each_adds = 2000;

/// Starts the next in the line, if there is one, and works meanwhile.
void pass_on(const mp::SharedValue<int>& word, const mp::SharedValue<numbers>& many, const mp::SharedArray<long>& array,
             const mp::RawArray<char>& line, const objects& nested, const std::vector<support::start_method>& left) {
    std::optional<mp::Process> next;
    if (!left.empty()) {
        next.emplace(start<&pass_on>(left.front(), word, many, array, line, nested,
                                     std::vector<support::start_method>(left.begin() + 1, left.end())));
    }
    line.data()[left.size()] = 'x';
    for (int i = 0; i < each_adds; ++i) {
        word += 1;
        many.update([](numbers& each) { each[7] += 1; });
        array[2] += 1;
        nested.at("key")[1] += 1;
    }
    if (next) {
        must(support::exit_code(*next) == 0, "the next in the line did not end well");
    }
}

} // namespace

TEST_CASE("passing on to a grandchild, by every combination of start methods") {
    const auto first = GENERATE(from_range(support::start_methods));
    const auto second = GENERATE(from_range(support::start_methods));
    const auto third = GENERATE(from_range(support::start_methods));
    CAPTURE(first, second, third);

    SECTION("what the first process made") {
        const mp::SharedValue<int> word(0);
        const mp::SharedValue<numbers> many(mp::with_lock(word.get_lock()), numbers{});
        const mp::SharedArray<long> array(5);
        const mp::RawArray<char> line(3);
        const objects nested{{"key", {mp::SharedValue<long>(0), mp::SharedValue<long>(5)}}, {"none", {}}};
        const auto process = start<&pass_on>(first, word, many, array, line, nested, std::vector{second, third});
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(word.value() == 3 * each_adds);
        REQUIRE(many.value()[7] == 3 * each_adds);
        REQUIRE(array[2] == 3 * each_adds);
        REQUIRE(line.raw() == "xxx");
        REQUIRE(nested.at("key")[1].value() == 5 + 3 * each_adds);
    }
    SECTION("what the child made, beside what it got") {
        const mp::SharedValue<int> result(0);
        const auto process = start<[](const mp::SharedValue<int>& outer, support::start_method by, support::start_method next) {
            const mp::SharedValue<int> own(1);
            const auto child = start<[](const mp::SharedValue<int>& oldest, const mp::SharedValue<int>& older, support::start_method last) {
                const mp::SharedValue<int> youngest(1);
                const auto deepest = start<[](const mp::SharedValue<int>& a, const mp::SharedValue<int>& b, const mp::SharedValue<int>& c) {
                    a += 1;
                    b += 1;
                    c += 1;
                }>(last, oldest, older, youngest);
                must(support::exit_code(deepest) == 0);
                must(youngest.value() == 2);
            }>(by, outer, own, next);
            must(support::exit_code(child) == 0);
            must(own.value() == 2);
        }>(first, result, second, third);
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(result.value() == 1);
    }
    SECTION("a lock whose owner, a grandchild, was killed") {
        const mp::RLock lock;
        const support::signal_flag held(0);
        const auto process = start<[](const mp::RLock& theirs, const support::signal_flag& is_held, support::start_method by) {
            const auto child = start<[](const mp::RLock& mine, const support::signal_flag& holds) {
                mine.lock();
                support::raise(holds);
                support::stay_alive();
            }>(by, theirs, is_held);
            support::await(is_held);
            must(!theirs.try_lock());
            child.kill();
            must(support::exit_code(child) == -9);
        }>(first, lock, held, second);
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(lock.try_lock_for(support::start_patience));
        REQUIRE(lock.owner_died());
        lock.unlock();
    }
}
