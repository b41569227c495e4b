// Objects that another one's lock guards, in parent and children of every start method.
#include "support/catch.hpp"
#include "support/start.hpp"

#include <multiprocessing/sharedctypes/raw_array.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/sharedctypes/shared_array.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/sharedctypes/synchronized.hpp>
#include <multiprocessing/sharedctypes/with_lock.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <array>
#include <mutex>
#include <vector>

namespace mp = multiprocessing;
using support::must;
using support::start;

namespace {

using numbers = std::array<long, 8>; // more than a word: its redo log is in a block of its own

numbers all(long value) {
    numbers made;
    made.fill(value);
    return made;
}

template <class T>
bool others_find_it_locked(support::start_method method, const T& shared) {
    const auto process = start<[](const T& theirs) { must(!theirs.try_lock()); }>(method, shared);
    return support::exit_code(process) == 0;
}

/// Changes one of two objects with the same lock for ever, its redo log being elsewhere.
template <class T>
void change_for_ever(const T& shared, const support::signal_flag& started) {
    for (long n = 1;; ++n) {
        if constexpr (std::same_as<T, mp::SharedArray<long>>) {
            shared.assign_slice({}, {}, std::vector<long>(shared.size(), n));
        } else {
            shared = all(n);
        }
        support::raise(started);
    }
}

} // namespace

TEST_CASE("with_lock, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    SECTION("objects passed together have one lock there") {
        const mp::SharedValue<long> word(1);
        const mp::SharedValue<numbers> many(mp::with_lock(word.get_lock()), all(1));
        const mp::SharedArray<long> array(mp::with_lock(word.get_lock()), 10);
        const auto process = start<[](const mp::SharedValue<long>& one, const mp::SharedValue<numbers>& two,
                                      const mp::SharedArray<long>& three, support::start_method by) {
            const std::scoped_lock held(two);
            must(others_find_it_locked(by, one));
            must(others_find_it_locked(by, two));
            must(others_find_it_locked(by, three));
            one += 1;
            two = all(2);
            three.assign_slice({}, {}, std::vector<long>(10, 2));
        }>(method, word, many, array, method);
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(word.value() == 2);
        REQUIRE(many.value() == all(2));
        REQUIRE(array.slice() == std::vector<long>(10, 2));
    }
    SECTION("objects passed to different processes have it too") {
        const mp::RLock lock;
        const mp::SharedValue<numbers> first(mp::with_lock(lock), all(0));
        const mp::SharedArray<long> second(mp::with_lock(lock), 4);
        const support::signal_flag held(0);
        const support::signal_flag done(0);
        const auto holder = start<[](const mp::SharedValue<numbers>& value, const support::signal_flag& is_held,
                                     const support::signal_flag& is_done) {
            const std::scoped_lock guard(value);
            support::raise(is_held);
            support::await(is_done);
            value = all(5);
        }>(method, first, held, done);
        support::await(held);
        const auto other = start<[](const mp::SharedArray<long>& array, const support::signal_flag& is_done) {
            must(!array.try_lock());
            support::raise(is_done);
            array[0] = 7;
        }>(method, second, done);
        REQUIRE(support::exit_code(other) == 0);
        REQUIRE(support::exit_code(holder) == 0);
        REQUIRE(first.value() == all(5));
        REQUIRE(second[0] == 7);
    }
    SECTION("the holder killed half-way leaves all of them whole, with the redo log elsewhere") {
        for (int i = 0; i < 10; ++i) {
            const mp::RLock lock;
            const mp::SharedValue<numbers> value(mp::with_lock(lock), all(0));
            const mp::SharedArray<long> array(mp::with_lock(lock), 300);
            for (const bool array_is_changed : {false, true}) {
                const support::signal_flag started(0);
                const auto process = array_is_changed
                                         ? start<&change_for_ever<mp::SharedArray<long>>>(method, array, started)
                                         : start<&change_for_ever<mp::SharedValue<numbers>>>(method, value, started);
                support::await(started);
                process.kill();
                REQUIRE(support::exit_code(process) == -9);
                // Whoever locks next repairs, through whichever of the objects it is.
                REQUIRE(lock.try_lock_for(support::start_patience));
                lock.unlock();
                const numbers left = value.value();
                REQUIRE(left == all(left.front()));
                const auto elements = array.slice();
                REQUIRE(elements == std::vector<long>(300, elements.front()));
            }
        }
    }
}

TEST_CASE("synchronized, by every start method") {
    const auto method = GENERATE(from_range(support::start_methods));
    CAPTURE(method);

    const mp::RawValue<numbers> raw(all(1));
    const mp::RawArray<int> raw_array(6);
    const mp::RLock lock;
    const auto value = mp::synchronized(raw, lock);
    const auto array = mp::synchronized(raw_array);

    SECTION("are the objects they guard, passed with them or without") {
        const auto process = start<[](const mp::SharedValue<numbers>& shared, const mp::RawValue<numbers>& alone,
                                      const mp::SharedArray<int>& elements, const mp::RLock& guard, support::start_method by) {
            shared = all(2);
            must(*alone == all(2));
            elements.assign_slice({}, {}, std::vector<int>(6, 3));
            const std::scoped_lock held(guard);
            must(others_find_it_locked(by, shared));
        }>(method, value, raw, array, lock, method);
        REQUIRE(support::exit_code(process) == 0);
        REQUIRE(*raw == all(2));
        REQUIRE(raw_array.slice() == std::vector<int>(6, 3));
    }
    SECTION("lose nothing") {
        std::vector<mp::Process> processes;
        for (int i = 0; i < 4; ++i) {
            processes.push_back(start<[](const mp::SharedValue<numbers>& shared) {
                for (int n = 0; n < support::changes_by_each / 10; ++n) {
                    shared.update([](numbers& each) {
                        for (long& one : each) {
                            ++one;
                        }
                    });
                }
            }>(method, value));
        }
        for (const auto& each : processes) {
            REQUIRE(support::exit_code(each) == 0);
        }
        REQUIRE(*raw == all(1 + 4L * (support::changes_by_each / 10)));
    }
}
