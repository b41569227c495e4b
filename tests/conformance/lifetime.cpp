// Memory is not used again under a living process, and is afterwards, by every start method.
#include "support/catch.hpp"
#include "support/soak.hpp"
#include "support/start.hpp"

#include <multiprocessing/memory/heap.hpp>
#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <array>
#include <optional>
#include <vector>

namespace mp = multiprocessing;
using support::must;
using support::start;

namespace {

using counters = std::array<long, 16>;

/// What a child does with objects that nobody but it refers to any more.
void use_all(const support::signal_flag& go, const mp::RawValue<int>& raw, const mp::SharedValue<counters>& value,
             const mp::SharedArray<double>& array, const mp::RLock& lock, const mp::RawValue<int>& result) {
    support::await(go);
    for (int i = 0; i < 100; ++i) {
        lock.lock();
        *raw += 1;
        value.update([](counters& each) { each[15] += 2; });
        array[-1] += 0.5;
        lock.unlock();
    }
    must(*raw == 107 && value.value()[15] == 200 && array[-1] == 50.0, "somebody else wrote into it");
    *result = 1;
}

/// Allocates the sizes that the objects above have, and writes into all of it.
void fill_what_is_free() {
    for (int round = 0; round < 20; ++round) {
        std::vector<mp::RawArray<unsigned char>> all;
        for (const std::size_t size : {4U, 16U, 64U, 128U, 192U, 256U, 320U, 512U, 4096U}) {
            for (int i = 0; i < 8; ++i) {
                all.emplace_back(size);
                for (unsigned char& each : all.back()) {
                    each = 0xab;
                }
            }
        }
    }
}

/// Writes 777 when it is told to, and says so.
void write_777(const mp::RawValue<int>& value, const support::signal_flag& ready, const support::signal_flag& go,
               const support::signal_flag& done) {
    support::raise(ready);
    support::await(go);
    *value = 777;
    support::raise(done);
}

} // namespace

TEST_CASE("shared objects, dropped by the parent right after the start, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    for (int i = 0; i < 10; ++i) {
        const support::signal_flag go(0);
        const mp::RawValue<int> result(0);
        std::optional<mp::Process> process;
        {
            const mp::RawValue<int> raw(7);
            const mp::SharedValue<counters> value;
            const mp::SharedArray<double> array(3000);
            const mp::RLock lock;
            process.emplace(start<&use_all>(method, go, raw, value, array, lock, result));
        }
        fill_what_is_free();
        support::raise(go);
        fill_what_is_free();
        REQUIRE(support::exit_code(*process) == 0);
        REQUIRE(*result == 1);
    }
}

TEST_CASE("a child's late write reaches no new object, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);
    constexpr int rounds = 50;

    for (int i = 0; i < rounds; ++i) {
        const support::signal_flag ready(0);
        const support::signal_flag go(0);
        const support::signal_flag done(0);
        std::optional<mp::RawValue<int>> given(std::in_place, 1);
        const auto process = start<&write_777>(method, *given, ready, go, done);
        support::await(ready);
        given.reset();
        std::vector<mp::RawValue<int>> fresh;
        for (int n = 0; n < 200; ++n) {
            fresh.emplace_back(5);
        }
        support::raise(go);
        support::await(done);
        for (const auto& each : fresh) {
            REQUIRE(*each == 5);
        }
        REQUIRE(support::exit_code(process) == 0);
    }
}

TEST_CASE("a grandchild whose parent is gone keeps its memory, by every start method") {
    const auto first = GENERATE(from_range(support::start_methods));
    const auto second = GENERATE(from_range(support::start_methods));
    CAPTURE(first, second);

    const support::signal_flag ready(0);
    const support::signal_flag go(0);
    const support::signal_flag done(0);
    std::optional<mp::RawValue<int>> given(std::in_place, 1);
    const auto process = start<[](const mp::RawValue<int>& value, const support::signal_flag& is_ready, const support::signal_flag& is_go,
                                  const support::signal_flag& is_done, support::start_method by) {
        const auto grandchild = start<&write_777>(by, value, is_ready, is_go, is_done);
        support::stay_alive();
    }>(first, *given, ready, go, done, second);
    support::await(ready);
    process.kill();
    REQUIRE(support::exit_code(process) == -9);
    given.reset();
    std::vector<mp::RawValue<int>> fresh;
    for (int n = 0; n < 200; ++n) {
        fresh.emplace_back(5);
    }
    support::raise(go);
    support::await(done);
    for (const auto& each : fresh) {
        REQUIRE(*each == 5);
    }
}

TEST_CASE("memory is used again when all who had it are gone, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    const auto run_one = [method] {
        const mp::RawArray<char> large(1 << 20);
        const auto process = start<[](const mp::RawArray<char>& theirs) { theirs.data()[0] = 'x'; }>(method, large);
        REQUIRE(support::exit_code(process) == 0);
    };
    run_one();
    run_one();
    const auto before = mp::memory::heap::current().arena_count();
    for (int i = support::repetitions(50, 500); i > 0; --i) {
        run_one();
    }
    REQUIRE(mp::memory::heap::current().arena_count() <= before + 1);
}
