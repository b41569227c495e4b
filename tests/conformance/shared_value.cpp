// A SharedValue in parent and children of every start method: nothing is lost, nothing is seen half-done.
#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

namespace mp = multiprocessing;
using support::must;
using support::start;

namespace {

struct triple {
    std::int64_t a = 0;
    double b = 0;
    std::array<char, 24> c{};
};

template <class T>
void add_ones(const support::signal_flag& go, const mp::SharedValue<T>& counter, int times) {
    support::await(go);
    for (int i = 0; i < times; ++i) {
        counter += 1;
    }
}

void update_all_members(const support::signal_flag& go, const mp::SharedValue<triple>& value, int times) {
    support::await(go);
    for (int i = 0; i < times; ++i) {
        value.update([](triple& each) {
            each.a += 1;
            each.b += 0.5;
            each.c[23] = static_cast<char>(each.a % 100);
        });
    }
}

void lock_over_two(const support::signal_flag& go, const mp::SharedValue<int>& first, const mp::SharedValue<int>& second, int times) {
    support::await(go);
    for (int i = 0; i < times; ++i) {
        const std::scoped_lock both(first, second);
        const int was = first.value();
        must(second.value() == -was, "one was changed without the other");
        first = was + 1;
        second = -was - 1;
    }
}

/// Starts as many processes as are to run at once with the same arguments, lets them go together, and says how many ended well.
template <auto f, class... Args>
int crowd(support::start_method method, const Args&... args) {
    const support::signal_flag go(0);
    std::vector<mp::Process> processes;
    for (int i = 0; i < support::processes_at_once; ++i) {
        processes.push_back(start<f>(method, go, args...));
    }
    support::raise(go);
    int well = 0;
    for (const auto& each : processes) {
        well += support::exit_code(each) == 0 ? 1 : 0;
    }
    return well;
}

} // namespace

TEST_CASE("SharedValue::operator+=, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    constexpr int all = support::processes_at_once * support::changes_by_each;

    SECTION("of int loses nothing") {
        const mp::SharedValue<int> counter(0);
        REQUIRE(crowd<&add_ones<int>>(method, counter, support::changes_by_each) == support::processes_at_once);
        REQUIRE(counter.value() == all);
    }
    SECTION("of double loses nothing") {
        const mp::SharedValue<double> counter(0.25);
        REQUIRE(crowd<&add_ones<double>>(method, counter, support::changes_by_each) == support::processes_at_once);
        REQUIRE(counter.value() == all + 0.25);
    }
}

TEST_CASE("SharedValue::update, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    constexpr int all = support::processes_at_once * support::changes_by_each;

    const mp::SharedValue<triple> value;
    REQUIRE(crowd<&update_all_members>(method, value, support::changes_by_each) == support::processes_at_once);
    const triple end = value.value();
    REQUIRE(end.a == all);
    REQUIRE(end.b == all * 0.5);
    REQUIRE(end.c[23] == all % 100);
}

TEST_CASE("SharedValue::lock, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    constexpr int times = support::changes_by_each / 20;

    SECTION("over several objects, in any order") {
        const mp::SharedValue<int> first(0);
        const mp::SharedValue<int> second(0);
        REQUIRE(crowd<&lock_over_two>(method, first, second, times) == support::processes_at_once);
        REQUIRE(first.value() == support::processes_at_once * times);
        REQUIRE(second.value() == -support::processes_at_once * times);
    }
    SECTION("is not held by a child of the process that holds it") {
        const mp::SharedValue<int> value(1);
        std::unique_lock held(value);
        const auto process = start<[](const mp::SharedValue<int>& theirs) {
            must(!theirs.try_lock());
            must(!theirs.try_lock_for(std::chrono::milliseconds(20)));
            theirs += 1; // waits
        }>(method, value);
        REQUIRE_FALSE(process.join_for(std::chrono::milliseconds(100)));
        REQUIRE(value.value() == 1);
        held.unlock();
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(value.value() == 2);
    }
}

TEST_CASE("SharedValue, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    SECTION("is the same object there and here, in both directions") {
        const mp::SharedValue<double> value(1.5);
        const support::signal_flag changed(0);
        const support::signal_flag seen(0);
        const auto process = start<[](const mp::SharedValue<double>& theirs, const support::signal_flag& is_changed,
                                      const support::signal_flag& is_seen) {
            must(theirs.value() == 1.5);
            theirs = 2.5;
            support::raise(is_changed);
            support::await(is_seen);
            must(theirs.value() == 3.5);
        }>(method, value, changed, seen);
        support::await(changed);
        REQUIRE(value.value() == 2.5);
        value = 3.5;
        support::raise(seen);
        REQUIRE(support::exit_code(process) == 0);
    }
    SECTION("is whole after the one who changed it was killed half-way") {
        for (int i = 0; i < 20; ++i) {
            const mp::SharedValue<triple> value;
            const support::signal_flag started(0);
            const auto process = start<[](const mp::SharedValue<triple>& theirs, const support::signal_flag& is_started) {
                for (std::int64_t n = 1;; ++n) {
                    triple next;
                    next.a = n;
                    next.b = static_cast<double>(n);
                    next.c.fill(static_cast<char>(n % 100));
                    theirs = next;
                    support::raise(is_started);
                }
            }>(method, value, started);
            support::await(started);
            process.kill();
            REQUIRE(support::exit_code(process) == -9);
            REQUIRE(value.try_lock_for(support::start_patience));
            const triple left = value.value();
            value.unlock();
            REQUIRE(left.a > 0);
            REQUIRE(left.b == static_cast<double>(left.a));
            std::array<char, 24> expected;
            expected.fill(static_cast<char>(left.a % 100));
            REQUIRE(left.c == expected);
        }
    }
}
